using System.Data;
using System.Data.Common;
using System.Globalization;

namespace OpenLedger.Storage.Tests;

/// <summary>
/// The statements of <c>OrleansQuery</c> as the engine's providers run them: with their parameters' names and types, each on a connection
/// of its own, reading the columns by name. A write of grain state answers with a row where the version moved, and with none where not.
/// </summary>
public abstract class ProviderTablesKit
{
    const int RivalCount = 16;

    [Fact]
    public void A_record_moves_from_version_to_version()
    {
        Read("acct_one").Should().BeNull();
        Write("acct_one", null, 1).Should().Be(1);
        Write("acct_one", 1, 2).Should().Be(2);
        Read("acct_one").Should().Be((2, (byte?)2));
        Change("ClearStorageKey", "acct_one", 2).Should().Be(3);
        Read("acct_one").Should().Be((3, (byte?)null));
        Write("acct_one", 3, 4).Should().Be(4);
        Read("acct_two").Should().BeNull();
        Change("DeleteStorageKey", "acct_one", 4).Should().Be(5);
        Read("acct_one").Should().BeNull();
        Write("acct_one", null, 6).Should().Be(1);
    }

    [Fact]
    public void A_stale_writer_changes_nothing()
    {
        _ = Write("acct_one", null, 1);
        _ = Write("acct_one", 1, 2);
        Write("acct_one", null, 9).Should().BeNull("another record was there first");
        Write("acct_one", 1, 9).Should().BeNull("the version is old");
        Write("acct_one", 3, 9).Should().BeNull("the version was never there");
        Change("ClearStorageKey", "acct_one", 1).Should().BeNull("the version is old");
        Change("DeleteStorageKey", "acct_one", 1).Should().BeNull("the version is old");
        Change("ClearStorageKey", "acct_one", null).Should().BeNull("the writer knows of no record");
        Write("acct_two", 1, 9).Should().BeNull("the record is gone");
        Read("acct_one").Should().Be((2, (byte?)2));
        Read("acct_two").Should().BeNull();
    }

    [Fact]
    public void Records_of_other_services_states_and_kinds_of_keys_are_other_records()
    {
        string[] keys =
            ["acct_one", "ACCT_ONE", "acct_one ", "a'; DROP TABLE OrleansStorage; --", "%", "_", "\\", "é", "e\u0301", "𝄞", "@key"];
        foreach (var key in keys)
        {
            Write(key, null, 1).Should().Be(1, "{0} is a key of its own", key);
        }
        Write("acct_one", null, 2, service: "another").Should().Be(1);
        Write("acct_one", null, 3, state: "another").Should().Be(1);
        Write(null, null, 4, number0: 0, number1: 31).Should().Be(1);
        Write(null, null, 5, number0: 31, number1: 0).Should().Be(1);
        Write("acct_one", null, 6, number0: 0, number1: 31).Should().Be(1);
        Write(null, null, 7, number0: long.MinValue, number1: -1).Should().Be(1);
        Write(null, 1, 8, number0: 0, number1: 31).Should().Be(2);
        Read("acct_one").Should().Be((1, (byte?)1));
    }

    [Fact]
    public async Task Of_many_first_writers_exactly_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = $"acct_round{round}";
            (await Rivals(number => Write(key, null, number))).Where(version => version is not null).Should().Equal([1]);
            (await Rivals(number => Write(key, 1, number))).Where(version => version is not null).Should().Equal([2]);
            (await Rivals(_ => Change("ClearStorageKey", key, 2))).Where(version => version is not null).Should().Equal([3]);
        }
    }

    [Fact]
    public void A_reminder_is_written_found_replaced_and_removed_by_its_version()
    {
        var start = new DateTime(2026, 11, 24, 12, 30, 15, DateTimeKind.Utc).AddMilliseconds(123);
        Upsert("ledger/main", "sweep", 5, start, 60_000).Should().Be(0);
        Upsert("ledger/main", "sweep", 5, start.AddDays(1), 90_000_000_000).Should().Be(1);
        Upsert("ledger/main", "audit", 5, start, 60_000).Should().Be(0);
        Upsert("ledger/other", "sweep", 5, start, 60_000).Should().Be(0);
        var found = Reminders("ReadReminderRowKey", ("GrainId", "ledger/main"), ("ReminderName", "sweep")).Should().ContainSingle().Subject;
        found.Should().Be(("ledger/main", "sweep", start.AddDays(1), 90_000_000_000, 1));
        Reminders("ReadReminderRowsKey", ("GrainId", "ledger/main")).Select(row => row.Name).Should().BeEquivalentTo("sweep", "audit");
        Remove("ledger/main", "sweep", 0).Should().BeFalse("the version is old");
        Remove("ledger/main", "sweep", 1).Should().BeTrue();
        Remove("ledger/main", "sweep", 1).Should().BeFalse("it is gone");
        Reminders("ReadReminderRowKey", ("GrainId", "ledger/main"), ("ReminderName", "sweep")).Should().BeEmpty();
        Run("DeleteReminderRowsKey", _ => 0, ("ServiceId", "service"));
        Reminders("ReadReminderRowsKey", ("GrainId", "ledger/other")).Should().BeEmpty();
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(0u, 10u)]
    [InlineData(10u, 0u)]
    [InlineData(0x7FFF_FFFFu, 0x8000_0000u)]
    [InlineData(0x8000_0000u, 16u)]
    [InlineData(0xFFFF_FFF0u, 5u)]
    public void A_range_of_reminders_is_open_below_and_closed_above_and_goes_round(uint begin, uint end)
    {
        uint[] hashes = [0, 1, 5, 6, 10, 11, 16, 17, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFF0, 0xFFFF_FFF1, uint.MaxValue];
        foreach (var hash in hashes)
        {
            _ = Upsert($"g/{hash}", "tick", (int)hash, DateTime.UnixEpoch, 60_000);
        }
        var query = (int)begin < (int)end ? "ReadRangeRows1Key" : "ReadRangeRows2Key";
        Reminders(query, ("BeginHash", (int)begin), ("EndHash", (int)end)).Select(row => row.Grain).Should().BeEquivalentTo(
            hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end).Select(hash => $"g/{hash}"));
    }

    /// <summary>A new connection to the same tables.</summary>
    protected abstract DbConnection Connect();

    /// <summary>Runs a stored statement with the parameters that it is given, typed as the engine's providers type them.</summary>
    protected List<T> Run<T>(string query, Func<DbDataReader, T> select, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var connection = Connect();
        using var find = connection.CreateCommand();
        find.CommandText = $"SELECT QueryText FROM OrleansQuery WHERE QueryKey = '{query}'";
        using var command = connection.CreateCommand();
        command.CommandText = (string)find.ExecuteScalar()!;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            parameter.DbType = (name, value) switch
            {
                ("GrainStateVersion", _) => DbType.Int32,
                (_, int) => DbType.Int32,
                (_, long) => DbType.Int64,
                (_, byte[]) => DbType.Binary,
                (_, DateTime) => DbType.DateTime,
                _ => DbType.String,
            };
            _ = command.Parameters.Add(parameter);
        }
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        do
        {
            while (reader.Read())
            {
                rows.Add(select(reader));
            }
        }
        while (reader.NextResult());
        return rows;
    }

    protected bool Answer(string query, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Run(query, reader => Convert.ToBoolean(reader.GetValue(0), CultureInfo.InvariantCulture), parameters)[0];

    internal int? Write(
        string? key, int? version, byte payload, string service = "service", string state = "state", long number0 = 0, long number1 = 0) =>
        Run<int?>(
            "WriteToStorageKey",
            reader => Convert.ToInt32(reader["NewGrainStateVersion"], CultureInfo.InvariantCulture),
            ("GrainIdHash", 1), ("GrainIdN0", number0), ("GrainIdN1", number1), ("GrainTypeHash", 1), ("GrainTypeString", state),
            ("GrainIdExtensionString", key), ("ServiceId", service), ("GrainStateVersion", version), ("PayloadBinary", new[] { payload }))
        .SingleOrDefault();

    internal (int Version, byte? Payload)? Read(string key) =>
        Run<(int, byte?)?>(
            "ReadFromStorageKey",
            reader => (Convert.ToInt32(reader["Version"], CultureInfo.InvariantCulture), (reader["PayloadBinary"] as byte[])?[0]),
            ("GrainIdHash", 1), ("GrainIdN0", 0L), ("GrainIdN1", 0L), ("GrainTypeHash", 1), ("GrainTypeString", "state"),
            ("GrainIdExtensionString", key), ("ServiceId", "service"))
        .SingleOrDefault();

    int? Change(string query, string key, int? version) =>
        Run<int?>(
            query,
            reader => Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture),
            ("GrainIdHash", 1), ("GrainIdN0", 0L), ("GrainIdN1", 0L), ("GrainTypeHash", 1), ("GrainTypeString", "state"),
            ("GrainIdExtensionString", key), ("ServiceId", "service"), ("GrainStateVersion", version))
        .SingleOrDefault();

    int Upsert(string grain, string name, int hash, DateTime start, long periodMs) =>
        Run(
            "UpsertReminderRowKey",
            reader => Convert.ToInt32(reader["Version"], CultureInfo.InvariantCulture),
            ("ServiceId", "service"), ("GrainHash", hash), ("GrainId", grain), ("ReminderName", name), ("StartTime", start),
            // A short period comes as an Int32, a long one as an Int64.
            ("Period", periodMs <= int.MaxValue ? (object)(int)periodMs : periodMs))
        .Single();

    bool Remove(string grain, string name, int version) =>
        Answer("DeleteReminderRowKey", ("ServiceId", "service"), ("GrainId", grain), ("ReminderName", name), ("Version", version));

    List<(string Grain, string Name, DateTime Start, long PeriodMs, int Version)> Reminders(
        string query, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Run(
            query,
            reader => (
                (string)reader["GrainId"],
                (string)reader["ReminderName"],
                DateTime.SpecifyKind(reader.GetDateTime(reader.GetOrdinal("StartTime")), DateTimeKind.Utc),
                reader.GetInt64(reader.GetOrdinal("Period")),
                Convert.ToInt32(reader["Version"], CultureInfo.InvariantCulture)),
            [("ServiceId", "service"), .. parameters]);

    static async Task<List<int?>> Rivals(Func<byte, int?> attempt)
    {
        using var barrier = new Barrier(RivalCount);
        var attempts = Enumerable.Range(0, RivalCount).Select(number => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait();
                return attempt((byte)number);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return [.. await Task.WhenAll(attempts)];
    }
}
