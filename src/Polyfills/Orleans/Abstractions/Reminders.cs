namespace Orleans;

/// <summary>Where reminders are kept.</summary>
public interface IReminderTable
{
    Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>The rows whose grain hashes from begin, exclusive, to end, inclusive; all of them where the two are equal.</summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);
    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Adds or replaces a row and gives its new version.</summary>
    Task<string?> UpsertRow(ReminderEntry entry);

    /// <summary>Removes a row of this version; false where there is none.</summary>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);
    Task TestOnlyClearTable();
}

/// <summary>Rows of a table of reminders.</summary>
public sealed class ReminderTableData
{
    public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

    public IList<ReminderEntry> Reminders { get; }
}

/// <summary>A row of a table of reminders.</summary>
public sealed class ReminderEntry
{
    public GrainId GrainId { get; set; }
    public string ReminderName { get; set; } = "";
    public DateTime StartAt { get; set; }
    public TimeSpan Period { get; set; }
    public string? ETag { get; set; }
}
