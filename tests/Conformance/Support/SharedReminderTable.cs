using System.Globalization;

namespace OpenLedger.Conformance;

/// <summary>A reminder table of the test's own, which outlives the silos that use it.</summary>
sealed class SharedReminderTable : IReminderTable
{
    readonly Lock gate = new();
    readonly Dictionary<(GrainId Grain, string Name), ReminderEntry> rows = [];
    int last;

    /// <summary>Whether reading one row fails, as it does while a database is away.</summary>
    public bool IsAway { get; set; }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return rows.Count;
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Task.FromResult(Where(row => row.GrainId == grainId));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(Where(row =>
    {
        var hash = row.GrainId.GetUniformHashCode();
        return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
    }));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        if (IsAway)
        {
            return Task.FromException<ReminderEntry?>(new TimeoutException("The table is away."));
        }

        lock (gate)
        {
            return Task.FromResult(rows.TryGetValue((grainId, reminderName), out var row) ? Copy(row) : null);
        }
    }

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        lock (gate)
        {
            var row = Copy(entry);
            row.ETag = (++last).ToString(CultureInfo.InvariantCulture);
            rows[(row.GrainId, row.ReminderName)] = row;
            return Task.FromResult<string?>(row.ETag);
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (gate)
        {
            var found = rows.TryGetValue((grainId, reminderName), out var row) && row.ETag == eTag;
            return Task.FromResult(found && rows.Remove((grainId, reminderName)));
        }
    }

    public Task TestOnlyClearTable()
    {
        lock (gate)
        {
            rows.Clear();
        }

        return Task.CompletedTask;
    }

    ReminderTableData Where(Func<ReminderEntry, bool> condition)
    {
        lock (gate)
        {
            return new([.. rows.Values.Where(condition).Select(Copy)]);
        }
    }

    static ReminderEntry Copy(ReminderEntry row) => new()
    {
        GrainId = row.GrainId,
        ReminderName = row.ReminderName,
        StartAt = row.StartAt,
        Period = row.Period,
        ETag = row.ETag,
    };
}
