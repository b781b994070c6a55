using System.Data.Common;
using Npgsql;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class PostgresTablesTests(PostgresFixture postgres) : ProviderTablesKit, IAsyncLifetime
{
    const int Joining = 2;
    const int Active = 3;
    const int Dead = 6;
    static readonly DateTime start = new(2026, 11, 24, 12, 0, 0, DateTimeKind.Utc);
    string connectionString = "";

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.NewDatabase();
        PostgresDatabase.Open(connectionString).Dispose();
    }

    public ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearPool(new NpgsqlConnection(connectionString));
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Every_statement_that_clustering_asks_for_is_there()
    {
        using var connection = Connect();
        using var command = new NpgsqlCommand("SELECT QueryKey FROM OrleansQuery", (NpgsqlConnection)connection);
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
        {
            keys.Add(reader.GetString(0));
        }
        keys.Should().Contain(
        [
            "GatewaysQueryKey", "MembershipReadRowKey", "MembershipReadAllKey", "InsertMembershipVersionKey", "UpdateIAmAlivetimeKey",
            "InsertMembershipKey", "UpdateMembershipKey", "DeleteMembershipTableEntriesKey", "CleanupDefunctSiloEntriesKey",
            "CleanupDefunctSiloEntryKey",
        ]);
    }

    [Fact]
    public void A_member_joins_changes_and_is_found_only_from_the_newest_version()
    {
        Answer("InsertMembershipVersionKey", ("DeploymentId", "c")).Should().BeTrue();
        Answer("InsertMembershipVersionKey", ("DeploymentId", "c")).Should().BeFalse();
        Members().Should().Equal("none at 0");
        Insert(1, 0, Joining).Should().BeTrue();
        Insert(2, 0, Joining).Should().BeFalse("the version has moved");
        Insert(1, 1, Joining).Should().BeFalse("it is there already");
        Members().Should().Equal("1 2 at 1");
        Insert(2, 1, Joining).Should().BeTrue();
        Update(1, 1, Active).Should().BeFalse("the version has moved");
        Update(9, 2, Active).Should().BeFalse("there is no such member");
        Members().Should().Equal("1 2 at 2", "2 2 at 2");
        Update(1, 2, Active, "10.0.0.1:1@1,now").Should().BeTrue();
        Members().Should().Equal("1 3 10.0.0.1:1@1,now at 3", "2 2 at 3");
        Member(2).Should().Equal("2 2 at 3");
        Member(9).Should().Equal("none at 3");
        Run("GatewaysQueryKey", reader => $"{reader["Address"]}:{reader["ProxyPort"]}@{reader["Generation"]}",
            ("DeploymentId", "c"), ("Status", Active)).Should().Equal("127.0.0.1:30001@7");
    }

    [Fact]
    public void A_heartbeat_moves_no_version_and_is_not_set_back()
    {
        _ = Answer("InsertMembershipVersionKey", ("DeploymentId", "c"));
        _ = Insert(1, 0, Active);
        Run("UpdateIAmAlivetimeKey", _ => 0, [.. Key(1), ("IAmAliveTime", start.AddMinutes(5))]);
        AliveAt().Should().Be(start.AddMinutes(5));
        Update(1, 1, Dead).Should().BeTrue();
        AliveAt().Should().Be(start.AddMinutes(5));
        Members().Should().Equal("1 6 at 2");

        DateTime AliveAt() => Run(
            "MembershipReadAllKey", reader => reader.GetDateTime(reader.GetOrdinal("IAmAliveTime")), ("DeploymentId", "c"))[0];
    }

    [Fact]
    public void Only_the_dead_are_cleaned_up_and_only_unchanged()
    {
        _ = Answer("InsertMembershipVersionKey", ("DeploymentId", "c"));
        _ = Insert(1, 0, Active);
        _ = Insert(2, 1, Dead);
        _ = Insert(3, 2, Dead);
        Run("CleanupDefunctSiloEntriesKey", _ => 0, ("DeploymentId", "c"), ("IAmAliveTime", start));
        Members().Should().HaveCount(3, "none is older than that");
        Run("CleanupDefunctSiloEntryKey", _ => 0,
            [.. Key(2), ("StartTime", start), ("IAmAliveTime", start), ("SuspectTimes", "another")]);
        Members().Should().HaveCount(3, "it has changed");
        Run("CleanupDefunctSiloEntryKey", _ => 0, [.. Key(2), ("StartTime", start), ("IAmAliveTime", start), ("SuspectTimes", null)]);
        Members().Should().Equal("1 3 at 3", "3 6 at 3");
        Run("CleanupDefunctSiloEntriesKey", _ => 0, ("DeploymentId", "c"), ("IAmAliveTime", start.AddSeconds(1)));
        Members().Should().Equal("1 3 at 3");
        Run("DeleteMembershipTableEntriesKey", _ => 0, ("DeploymentId", "c"));
        Members().Should().BeEmpty();
    }

    [Fact]
    public async Task Of_members_that_join_at_once_exactly_one_moves_the_version()
    {
        const int rivals = 12;
        _ = Answer("InsertMembershipVersionKey", ("DeploymentId", "c"));
        for (var version = 0; version < 5; version++)
        {
            using var barrier = new Barrier(rivals);
            var joined = await Task.WhenAll(Enumerable.Range(0, rivals).Select(rival => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    return Insert((version * rivals) + rival + 1, version, Joining);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            joined.Count(won => won).Should().Be(1);
            Members().Should().HaveCount(version + 1).And.OnlyContain(
                member => member.EndsWith($"at {version + 1}", StringComparison.Ordinal));
        }
    }

    protected override DbConnection Connect()
    {
        var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        return connection;
    }

    List<string> Members() =>
        [.. Run("MembershipReadAllKey", Text, ("DeploymentId", "c")).Order(StringComparer.Ordinal)];

    List<string> Member(int port) => Run("MembershipReadRowKey", Text, Key(port));

    static string Text(DbDataReader reader) => reader["StartTime"] is DBNull
        ? $"none at {reader["Version"]}"
        : $"{reader["Port"]} {reader["Status"]}{(reader["SuspectTimes"] is string suspects ? " " + suspects : "")} at {reader["Version"]}";

    bool Insert(int port, int version, int status) => Answer("InsertMembershipKey",
    [
        .. Key(port), ("IAmAliveTime", start), ("SiloName", "silo"), ("HostName", "host"), ("StartTime", start), ("Status", status),
        ("ProxyPort", 30000 + port), ("Version", version),
    ]);

    bool Update(int port, int version, int status, string? suspects = null) => Answer("UpdateMembershipKey",
        [.. Key(port), ("IAmAliveTime", start), ("Status", status), ("SuspectTimes", suspects), ("Version", version)]);

    static (string, object?)[] Key(int port) => [("DeploymentId", "c"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 7)];
}
