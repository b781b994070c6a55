using Microsoft.Extensions.DependencyInjection;
using OpenLedger.TestKit;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

/// <summary>
/// Reminders in a relational table outlive the silo, belong to their service, and are found by ranges of their grain's hash:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/timers-and-reminders.
/// </summary>
public sealed class ReminderTableTests(PostgresFixture postgres)
{
    static readonly DateTime start = new(2126, 11, 24, 12, 30, 15, DateTimeKind.Utc);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_reminder_outlives_its_silo_and_is_removed_by_its_version(string kind)
    {
        await using var tables = await StoredTables.Create(kind, postgres);
        var grain = GrainId.Create("conformance-remembered", "acct_one");
        string? first, second;
        await using (var cluster = await Start(tables, "service"))
        {
            var table = Table(cluster);
            first = await table.UpsertRow(Entry(grain, "sweep", TimeSpan.FromMinutes(1)));
            second = await table.UpsertRow(Entry(grain, "sweep", TimeSpan.FromDays(400)));
            await table.UpsertRow(Entry(grain, "audit", TimeSpan.FromMinutes(1)));
            second.Should().NotBe(first);
        }

        await using (var another = await Start(tables, "another service"))
        {
            (await Table(another).ReadRows(grain)).Reminders.Should().BeEmpty();
            await Table(another).TestOnlyClearTable();
        }

        await using (var cluster = await Start(tables, "service"))
        {
            var table = Table(cluster);
            var row = await table.ReadRow(grain, "sweep");
            row.Should().BeEquivalentTo(new ReminderEntry
            {
                GrainId = grain, ReminderName = "sweep", StartAt = start, Period = TimeSpan.FromDays(400), ETag = second,
            });
            row!.StartAt.Kind.Should().Be(DateTimeKind.Utc);
            (await table.ReadRows(grain)).Reminders.Select(each => each.ReminderName).Should().BeEquivalentTo("sweep", "audit");
            (await table.ReadRow(grain, "another")).Should().BeNull();
            (await table.RemoveRow(grain, "sweep", first!)).Should().BeFalse();
            (await table.RemoveRow(grain, "sweep", second!)).Should().BeTrue();
            (await table.RemoveRow(grain, "sweep", second!)).Should().BeFalse();
            (await table.ReadRows(grain)).Reminders.Select(each => each.ReminderName).Should().Equal("audit");
            await table.TestOnlyClearTable();
            (await table.ReadRows(0, 0)).Reminders.Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Every_range_of_hashes_gives_the_reminders_of_its_grains(string kind)
    {
        await using var tables = await StoredTables.Create(kind, postgres);
        await using var cluster = await Start(tables, "service");
        var table = Table(cluster);
        var grains = Enumerable.Range(0, 40).Select(i => GrainId.Create("conformance-remembered", $"acct_{i}")).ToList();
        foreach (var grain in grains)
        {
            await table.UpsertRow(Entry(grain, "sweep", TimeSpan.FromMinutes(1)));
        }

        var hashes = grains.Select(grain => grain.GetUniformHashCode()).ToList();
        (uint Begin, uint End)[] ranges =
        [
            (0, 0), (0, uint.MaxValue), (0x8000_0000, 0x8000_0000), (0x4000_0000, 0xC000_0000), (0xC000_0000, 0x4000_0000),
            (hashes[0], hashes[1]), (hashes[1], hashes[0]), (hashes[2] - 1, hashes[2]),
        ];
        foreach (var (begin, end) in ranges)
        {
            (await table.ReadRows(begin, end)).Reminders.Select(row => row.GrainId).Should().BeEquivalentTo(
                grains.Where(grain => Within(grain.GetUniformHashCode(), begin, end)), "of the range from {0} to {1}", begin, end);
        }
    }

    /// <summary>Stored with the row: XXH32 of the type, its bytes reversed, times 31, plus that of the key.</summary>
    [Theory]
    [InlineData("ledger", "main", 1_031_566_423u)]
    [InlineData("conformance-remembered", "acct_with_a_key_longer_than_sixteen_bytes", 2_960_953_348u)]
    public void The_hash_of_a_grain_is_the_same_in_every_process(string type, string key, uint expected) =>
        GrainId.Create(type, key).GetUniformHashCode().Should().Be(expected);

    static bool Within(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    static ReminderEntry Entry(GrainId grain, string name, TimeSpan period) =>
        new() { GrainId = grain, ReminderName = name, StartAt = start, Period = period };

    static IReminderTable Table(InProcessTestCluster cluster) =>
        cluster.Silos[0].ServiceProvider.GetRequiredService<IReminderTable>();

    static Task<InProcessTestCluster> Start(StoredTables tables, string service) => TestClusters.Start(silo =>
    {
        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = tables.Invariant;
            options.ConnectionString = tables.ConnectionString;
        });
        silo.Services.PostConfigureAll<ClusterOptions>(options => options.ServiceId = service);
    });
}
