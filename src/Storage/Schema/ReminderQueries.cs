namespace OpenLedger.Storage;

/// <summary>
/// The statements by which the engine's ADO.NET reminder table keeps reminders. A reminder belongs to a service, a grain and a name, and
/// is found by ranges of its grain's hash, which are open below and closed above.
/// </summary>
static class ReminderQueries
{
    const string Read = "SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable WHERE ServiceId = @ServiceId";
    const string OneGrain = "GrainId = @GrainId";
    const string One = $"{OneGrain} AND ReminderName = @ReminderName";
    const string Delete = $"DELETE FROM OrleansRemindersTable WHERE ServiceId = @ServiceId AND {One} AND Version = @Version";

    public static IReadOnlyList<KeyValuePair<string, string>> Sqlite { get; } =
    [
        .. Common(),
        new("DeleteReminderRowKey", $"{Delete}; SELECT changes() > 0 AS Gone"),
    ];

    public static IReadOnlyList<KeyValuePair<string, string>> Postgres { get; } =
    [
        .. Common(),
        new("DeleteReminderRowKey", $"WITH gone AS ({Delete} RETURNING 1) SELECT EXISTS (SELECT 1 FROM gone) AS Gone"),
    ];

    static KeyValuePair<string, string>[] Common() =>
    [
        new("ReadReminderRowsKey", $"{Read} AND {OneGrain}"),
        new("ReadReminderRowKey", $"{Read} AND {One}"),
        new("ReadRangeRows1Key", $"{Read} AND GrainHash > @BeginHash AND GrainHash <= @EndHash"),
        // The range goes over the end of the ring; with both ends the same it is the whole ring.
        new("ReadRangeRows2Key", $"{Read} AND (GrainHash > @BeginHash OR GrainHash <= @EndHash)"),
        new("UpsertReminderRowKey", """
            INSERT INTO OrleansRemindersTable AS held (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
            ON CONFLICT (ServiceId, GrainId, ReminderName) DO UPDATE SET
                StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash, Version = held.Version + 1
            RETURNING Version
            """),
        new("DeleteReminderRowsKey", "DELETE FROM OrleansRemindersTable WHERE ServiceId = @ServiceId"),
    ];
}
