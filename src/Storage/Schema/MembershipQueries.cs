namespace OpenLedger.Storage;

/// <summary>
/// The statements by which the engine's ADO.NET clustering keeps its membership table on PostgreSQL. The version row is the lock: whoever
/// adds or changes a member moves it from the version that it has read, in the same statement, or changes nothing.
/// </summary>
static class MembershipQueries
{
    // SiloStatus.Dead.
    const string Dead = "6";

    const string Member = "DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation";

    // The version comes even where there is no member.
    const string Read = """
        SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort,
            m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
        FROM OrleansMembershipVersionTable AS v LEFT JOIN OrleansMembershipTable AS m ON m.DeploymentId = v.DeploymentId
        """;

    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new("GatewaysQueryKey", """
            SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
            WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
            """),
        new("MembershipReadRowKey", $"""
            {Read} AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
            WHERE v.DeploymentId = @DeploymentId
            """),
        new("MembershipReadAllKey", $"{Read} WHERE v.DeploymentId = @DeploymentId"),
        new("InsertMembershipVersionKey", """
            WITH made AS (
                INSERT INTO OrleansMembershipVersionTable (DeploymentId, Version) VALUES (@DeploymentId, 0)
                ON CONFLICT DO NOTHING RETURNING 1)
            SELECT EXISTS (SELECT 1 FROM made) AS Made
            """),
        new("UpdateIAmAlivetimeKey", $"UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime WHERE {Member}"),
        new("InsertMembershipKey", $"""
            WITH moved AS (
                UPDATE OrleansMembershipVersionTable SET Version = Version + 1
                WHERE DeploymentId = @DeploymentId AND Version = @Version
                    AND NOT EXISTS (SELECT 1 FROM OrleansMembershipTable WHERE {Member})
                RETURNING DeploymentId),
            added AS (
                INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort,
                    StartTime, IAmAliveTime)
                SELECT DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
                FROM moved
                RETURNING 1)
            SELECT EXISTS (SELECT 1 FROM added) AS Added
            """),
        // A heartbeat that came in between is not set back.
        new("UpdateMembershipKey", $"""
            WITH moved AS (
                UPDATE OrleansMembershipVersionTable SET Version = Version + 1
                WHERE DeploymentId = @DeploymentId AND Version = @Version
                    AND EXISTS (SELECT 1 FROM OrleansMembershipTable WHERE {Member})
                RETURNING 1),
            changed AS (
                UPDATE OrleansMembershipTable
                SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = greatest(IAmAliveTime, @IAmAliveTime)
                WHERE {Member} AND EXISTS (SELECT 1 FROM moved)
                RETURNING 1)
            SELECT EXISTS (SELECT 1 FROM changed) AS Changed
            """),
        new("DeleteMembershipTableEntriesKey", """
            DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId;
            DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId
            """),
        new("CleanupDefunctSiloEntriesKey", $"""
            DELETE FROM OrleansMembershipTable
            WHERE DeploymentId = @DeploymentId AND Status = {Dead} AND IAmAliveTime < @IAmAliveTime
            """),
        // One dead member, if nothing of it has changed since it was read.
        new("CleanupDefunctSiloEntryKey", $"""
            DELETE FROM OrleansMembershipTable
            WHERE {Member} AND Status = {Dead} AND StartTime = @StartTime AND IAmAliveTime = @IAmAliveTime
                AND SuspectTimes IS NOT DISTINCT FROM @SuspectTimes
            """),
    ];
}
