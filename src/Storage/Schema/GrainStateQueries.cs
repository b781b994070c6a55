namespace OpenLedger.Storage;

/// <summary>
/// The statements by which the engine's ADO.NET storage reads and writes grain state. A row belongs to a service, a state's name and a
/// grain's key. A statement that moved the version answers with the new one; one that did not answers with no row, which the provider
/// takes for a stale ETag.
/// </summary>
static class GrainStateQueries
{
    // A string key comes as it is; an integer or a Guid comes as two numbers, with or without a string.
    const string SqliteKey =
        "ifnull(nullif(printf('%d,%d', @GrainIdN0, @GrainIdN1), '0,0') || '+', '') || ifnull(@GrainIdExtensionString, '')";

    const string SqliteRow =
        $"ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString AND GrainIdExtensionString = {SqliteKey}";

    const string PostgresKey =
        "coalesce(nullif(@GrainIdN0 || ',' || @GrainIdN1, '0,0') || '+', '') || coalesce(@GrainIdExtensionString, '')";

    const string PostgresRow =
        $"ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString AND GrainIdExtensionString = {PostgresKey}";

    // The row stays, so that a writer with an older version is still found out.
    const string Clear = """
        UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version + 1 WHERE {0} AND Version = @GrainStateVersion
        RETURNING Version AS NewGrainStateVersion
        """;

    const string Delete = """
        DELETE FROM OrleansStorage WHERE {0} AND Version = @GrainStateVersion RETURNING Version + 1 AS NewGrainStateVersion
        """;

    public static IReadOnlyList<KeyValuePair<string, string>> Sqlite { get; } =
    [
        // SQLite has one writer at a time, so that what the condition sees still holds when the row is written.
        new("WriteToStorageKey", $"""
            INSERT INTO OrleansStorage (ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version)
            SELECT @ServiceId, @GrainTypeString, {SqliteKey}, @PayloadBinary, 1
            WHERE @GrainStateVersion IS NULL OR EXISTS (SELECT 1 FROM OrleansStorage WHERE {SqliteRow})
            ON CONFLICT DO UPDATE SET PayloadBinary = excluded.PayloadBinary, Version = Version + 1
            WHERE Version = @GrainStateVersion
            RETURNING Version AS NewGrainStateVersion
            """),
        .. Common(SqliteRow),
    ];

    public static IReadOnlyList<KeyValuePair<string, string>> Postgres { get; } =
    [
        // Of several first writers one inserts; the others wait for it and then conflict.
        new("WriteToStorageKey", $"""
            WITH changed AS (
                UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, Version = Version + 1
                WHERE {PostgresRow} AND Version = @GrainStateVersion
                RETURNING Version),
            added AS (
                INSERT INTO OrleansStorage (ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version)
                SELECT @ServiceId, @GrainTypeString, {PostgresKey}, @PayloadBinary, 1 WHERE @GrainStateVersion IS NULL
                ON CONFLICT DO NOTHING
                RETURNING Version)
            SELECT Version AS NewGrainStateVersion FROM changed UNION ALL SELECT Version FROM added
            """),
        .. Common(PostgresRow),
    ];

    static KeyValuePair<string, string>[] Common(string row) =>
    [
        new("ReadFromStorageKey", $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {row}"),
        new("ClearStorageKey", Clear.Replace("{0}", row, StringComparison.Ordinal)),
        new("DeleteStorageKey", Delete.Replace("{0}", row, StringComparison.Ordinal)),
    ];
}
