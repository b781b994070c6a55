using Microsoft.Extensions.DependencyInjection;
using OpenLedger.TestKit;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

/// <summary>
/// Random reads, writes and clears by several holders of the same records, some of them stale, against a model of what a store promises:
/// whoever holds the newest ETag succeeds, everybody else is refused and changes nothing.
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-persistence.
/// </summary>
public sealed class StorageSequenceTests(PostgresFixture postgres)
{
    const int Sequences = 25;
    const int StepsPerSequence = 50;
    const int Holders = 4;

    static readonly string[] keys = ["acct_a", "acct_A", "a'b\"c\\d%_@x", "schlüssel 𝄞", "1f", "00000000000000000000000000000001"];
    static readonly string[] stateNames = ["conformance-sequence", "another'); --"];

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Random_sequences_do_what_the_model_does(string kind)
    {
        await using var world = await World.Start(kind, postgres);
        for (var seed = 1; seed <= Sequences; seed++)
        {
            await new Sequence(world.Store, kind, seed).Play();
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Of_many_first_writers_exactly_one_wins(string kind)
    {
        await using var world = await World.Start(kind, postgres);
        for (var round = 0; round < 5; round++)
        {
            var grain = GrainId.Create("conformance-first", $"acct_{round}");
            var states = Enumerable.Range(0, 16).Select(i => new GrainState<Purse>(new Purse { Owner = $"acct_{i}" })).ToList();
            var outcomes = await Task.WhenAll(states.Select(state => Task.Run(
                () => Try(() => world.Store.WriteStateAsync("first", grain, state)))));
            outcomes.Count(written => written).Should().Be(1);
            var stored = new GrainState<Purse>(new Purse());
            await world.Store.ReadStateAsync("first", grain, stored);
            stored.State!.Owner.Should().Be(states[Array.IndexOf(outcomes, true)].State!.Owner);
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_row_has_the_services_the_states_and_the_grains_name_and_the_serializers_bytes(string kind)
    {
        await using var world = await World.Start(kind, postgres);
        await Write("acct_one");
        await Write("1F");
        await Write("1F+north");
        await Write("00000001000000000000000000000002");

        var rows = await world.Tables!.Query(
            "SELECT ServiceId || '|' || GrainTypeString || '|' || GrainIdExtensionString FROM OrleansStorage");

        rows.Cast<string>().Should().BeEquivalentTo(
            "sequence-service|conformance-row|acct_one",
            "sequence-service|conformance-row|0,31+",
            "sequence-service|conformance-row|0,31+north",
            "sequence-service|conformance-row|1,144115188075855872+");
        var payloads = await world.Tables.Query("SELECT PayloadBinary FROM OrleansStorage WHERE GrainIdExtensionString = 'acct_one'");
        System.Text.Encoding.UTF8.GetString((byte[])payloads.Single()).Should().Be("owned by acct_owner");

        Task Write(string key) => world.Store.WriteStateAsync(
            "conformance-row", GrainId.Create("conformance-row", key), new GrainState<Purse>(new Purse { Owner = "acct_owner" }));
    }

    static async Task<bool> Try(Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    /// <summary>A silo with a store of the kind asked for.</summary>
    sealed class World(InProcessTestCluster cluster, StoredTables? tables) : IAsyncDisposable
    {
        public IGrainStorage Store => cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>("sequence");

        public StoredTables? Tables => tables;

        public static async Task<World> Start(string kind, PostgresFixture postgres)
        {
            var tables = kind == "memory" ? null : await StoredTables.Create(kind, postgres);
            return new World(await TestClusters.Start(silo => Configure(silo, tables)), tables);
        }

        static void Configure(ISiloBuilder silo, StoredTables? tables)
        {
            silo.Services.PostConfigureAll<ClusterOptions>(options => options.ServiceId = "sequence-service");
            if (tables is null)
            {
                silo.AddMemoryGrainStorage(
                    "sequence", options => options.Configure(memory => memory.GrainStorageSerializer = new OwnerSerializer()));
                return;
            }

            silo.AddAdoNetGrainStorage("sequence", options =>
            {
                options.Invariant = tables.Invariant;
                options.ConnectionString = tables.ConnectionString;
                options.GrainStorageSerializer = new OwnerSerializer();
            });
        }

        public async ValueTask DisposeAsync()
        {
            await cluster.DisposeAsync();
            if (tables is not null)
            {
                await tables.DisposeAsync();
            }
        }
    }

    /// <summary>Keeps the owner alone, as a plain text: no other serializer would write that.</summary>
    sealed class OwnerSerializer : IGrainStorageSerializer
    {
        const string Prefix = "owned by ";

        public BinaryData Serialize<T>(T? input) => new(Prefix + ((Purse)(object)input!).Owner);

        public T? Deserialize<T>(BinaryData input) => (T)(object)new Purse { Owner = input.ToString()[Prefix.Length..] };
    }

    /// <summary>What is stored under one key, as it should be.</summary>
    sealed class Record
    {
        public string? Etag { get; set; }

        public string? Owner { get; set; }

        public HashSet<string> EarlierEtags { get; } = new(StringComparer.Ordinal);
    }

    sealed class Sequence(IGrainStorage store, string kind, int seed)
    {
        readonly Random random = new(seed);
        readonly Dictionary<(string State, string Key), Record> records = [];
        readonly Dictionary<(int Holder, string State, string Key), GrainState<Purse>> held = [];
        readonly List<string> trace = [];

        public async Task Play()
        {
            for (var step = 0; step < StepsPerSequence; step++)
            {
                var holder = random.Next(Holders);
                // A row knows nothing of the grain's class: the state's name keeps the sequences apart.
                var name = $"{stateNames[random.Next(stateNames.Length)]}-{seed}";
                var key = keys[random.Next(3) == 0 ? random.Next(keys.Length) : 0];
                var grain = GrainId.Create("conformance-sequence", key);
                var state = held.GetValueOrDefault((holder, name, key)) ?? new GrainState<Purse>(new Purse());
                var record = records.GetValueOrDefault((name, key)) ?? new Record();
                (held[(holder, name, key)], records[(name, key)]) = (state, record);
                await Step(grain, name, state, record, step);
                await CheckStored(grain, name, record);
            }
        }

        async Task Step(GrainId grain, string name, GrainState<Purse> state, Record record, int step)
        {
            var before = state.ETag;
            var isFresh = before == record.Etag;
            switch (random.Next(3))
            {
                case 0:
                    trace.Add($"{step}: read {name} {grain}");
                    await store.ReadStateAsync(name, grain, state);
                    ShouldHold(state, record);
                    break;
                case 1:
                    state.State = new Purse { Owner = $"acct_{seed}_{step}" };
                    trace.Add($"{step}: write {name} {grain} {state.State!.Owner} at {before}, newest {record.Etag}");
                    (await Try(() => store.WriteStateAsync(name, grain, state))).Should().Be(isFresh, Story);
                    Moved(state, record, before, isFresh, state.State!.Owner);
                    break;
                default:
                    await Clear(grain, name, state, record, step, isFresh);
                    break;
            }
        }

        async Task Clear(GrainId grain, string name, GrainState<Purse> state, Record record, int step, bool isFresh)
        {
            var before = state.ETag;
            trace.Add($"{step}: clear {name} {grain} at {before}, newest {record.Etag}");
            if (kind != "memory" && before is null && !state.RecordExists)
            {
                // The relational store has whoever knows of no record read first, and then clears what there is.
                (await Try(() => store.ClearStateAsync(name, grain, state))).Should().BeTrue(Story);
                if (record.Owner is not null)
                {
                    Moved(state, record, record.Etag, true, null);
                }

                ShouldHold(state, record);
                return;
            }

            (await Try(() => store.ClearStateAsync(name, grain, state))).Should().Be(isFresh, Story);
            Moved(state, record, before, isFresh, null);
        }

        void Moved(GrainState<Purse> state, Record record, string? before, bool succeeded, string? owner)
        {
            if (!succeeded)
            {
                state.ETag.Should().Be(before, Story);
                return;
            }

            if (state.ETag is { } etag)
            {
                record.EarlierEtags.Add(etag).Should().BeTrue("an ETag never comes back; {0}", Story);
            }

            (record.Etag, record.Owner) = (state.ETag, owner);
            ShouldHold(state, record);
        }

        async Task CheckStored(GrainId grain, string name, Record record)
        {
            var stored = new GrainState<Purse>(new Purse());
            await store.ReadStateAsync(name, grain, stored);
            ShouldHold(stored, record);
        }

        void ShouldHold(GrainState<Purse> state, Record record)
        {
            state.RecordExists.Should().Be(record.Owner is not null, Story);
            state.State!.Owner.Should().Be(record.Owner ?? "", Story);
            state.ETag.Should().Be(record.Etag, Story);
        }

        string Story => $"seed {seed} of {kind} went: {string.Join("; ", trace)}".Replace("{", "{{", StringComparison.Ordinal);
    }
}
