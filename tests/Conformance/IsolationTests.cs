namespace OpenLedger.Conformance;

[GenerateSerializer, Alias("openledger.conformance.basket")]
public sealed class Basket
{
    [Id(0)]
    public List<string> Items { get; set; } = [];

    [Id(1)]
    public Dictionary<string, int[]> Counts { get; set; } = [];

    [Id(2)]
    public HashSet<int> Marks { get; set; } = [];

    [Id(3)]
    public Basket? Inner { get; set; }

    public static Basket Full() => new()
    {
        Items = ["apple"],
        Counts = new() { ["apple"] = [1, 2] },
        Marks = [7],
        Inner = new() { Items = ["pear"], Counts = new() { ["pear"] = [3] } },
    };

    public void Spoil()
    {
        Items.Add("worm");
        Marks.Add(13);
        foreach (var counts in Counts.Values)
        {
            counts[0] = -1;
        }

        Counts["worm"] = [];
        Inner?.Spoil();
    }

    public override string ToString()
    {
        var counts = Counts.Select(pair => $"{pair.Key}={string.Join('+', pair.Value)}");
        return $"{string.Join(' ', Items)} / {string.Join(' ', counts)} / {string.Join(' ', Marks)} / ({Inner})";
    }
}

/// <summary>An immutable record around something that can change: it is not marked, so it is copied.</summary>
[GenerateSerializer, Alias("openledger.conformance.parcel")]
public sealed record Parcel([property: Id(0)] Basket Content, [property: Id(1)] (int[] Weights, string Label) Note);

public interface IKeeperGrain : IGrainWithStringKey
{
    Task Keep(Basket basket);

    Task<Basket> Kept();

    Task<string> Text();

    Task KeepArrays(int[][] arrays);

    Task<int[][]> KeptArrays();

    Task KeepParcel(Parcel parcel);

    Task<Parcel> KeptParcel();

    Task<List<Basket>> KeptList();

    ValueTask<object> KeptUntyped();

    IAsyncEnumerable<Basket> KeptTwice();

    /// <summary>Spoils what it was given.</summary>
    Task Spoil(Basket basket, List<int> numbers);

    IAsyncEnumerable<int> SpoilAndCount(List<int> numbers);
}

public sealed class KeeperGrain : Grain, IKeeperGrain
{
    Basket kept = new();
    int[][] arrays = [];
    Parcel? parcel;

    public Task Keep(Basket basket)
    {
        kept = basket;
        return Task.CompletedTask;
    }

    public Task<Basket> Kept() => Task.FromResult(kept);

    public Task<string> Text() => Task.FromResult($"{kept} {parcel?.Content} {parcel?.Note.Label} "
        + $"{string.Join('+', parcel?.Note.Weights ?? [])} {string.Join('|', arrays.Select(array => string.Join('+', array)))}");

    public Task KeepArrays(int[][] arrays)
    {
        this.arrays = arrays;
        return Task.CompletedTask;
    }

    public Task<int[][]> KeptArrays() => Task.FromResult(arrays);

    public Task KeepParcel(Parcel parcel)
    {
        this.parcel = parcel;
        return Task.CompletedTask;
    }

    public Task<Parcel> KeptParcel() => Task.FromResult(parcel!);

    public Task<List<Basket>> KeptList() => Task.FromResult<List<Basket>>([kept]);

    public ValueTask<object> KeptUntyped() => new(kept);

    public async IAsyncEnumerable<Basket> KeptTwice()
    {
        yield return kept;
        await Task.Yield();
        yield return kept;
    }

    public Task Spoil(Basket basket, List<int> numbers)
    {
        basket.Spoil();
        numbers.Clear();
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<int> SpoilAndCount(List<int> numbers)
    {
        numbers.Clear();
        yield return numbers.Count;
        await Task.Yield();
    }
}

/// <summary>Does from within a grain what the test does from without.</summary>
public interface ISpoilerGrain : IGrainWithStringKey
{
    Task<string> SpoilAll(string keeper);
}

public sealed class SpoilerGrain : Grain, ISpoilerGrain
{
    public Task<string> SpoilAll(string keeper) => Spoiling.All(GrainFactory.GetGrain<IKeeperGrain>(keeper));
}

static class Spoiling
{
    /// <summary>Changes everything that it passed or got; tells what the grain thinks of it, or what changed on this side.</summary>
    public static async Task<string> All(IKeeperGrain grain)
    {
        var basket = Basket.Full();
        int[][] arrays = [[1, 2], [3]];
        var parcel = new Parcel(Basket.Full(), ([4], "four"));
        await grain.Keep(basket);
        await grain.KeepArrays(arrays);
        await grain.KeepParcel(parcel);
        var expected = await grain.Text();
        basket.Spoil();
        (arrays[0][0], arrays[1]) = (-1, []);
        parcel.Content.Spoil();
        parcel.Note.Weights[0] = -4;
        if (await grain.Text() is var text && text != expected)
        {
            return $"what was passed is shared: {text} instead of {expected}";
        }

        (await grain.Kept()).Spoil();
        (await grain.KeptList())[0].Spoil();
        ((Basket)await grain.KeptUntyped()).Spoil();
        (await grain.KeptArrays())[1][0] = -3;
        (await grain.KeptParcel()).Content.Spoil();
        await foreach (var element in grain.KeptTwice())
        {
            element.Spoil();
        }

        if (await grain.Text() is var afterwards && afterwards != expected)
        {
            return $"what was returned is shared: {afterwards} instead of {expected}";
        }

        var mine = Basket.Full();
        List<int> numbers = [1, 2, 3];
        await grain.Spoil(mine, numbers);
        await foreach (var _ in grain.SpoilAndCount(numbers))
        {
            numbers.Should().HaveCount(3);
        }

        return mine.ToString() == Basket.Full().ToString() && numbers.Count == 3
            ? ""
            : $"the grain changed its caller's {mine}, {numbers.Count}";
    }
}

/// <summary>
/// Arguments, results and elements of enumerations are copied: whoever changes what it passed or got changes nothing on the other side,
/// within one silo too; and what a store was given is not what the grain goes on changing:
/// https://learn.microsoft.com/dotnet/orleans/host/configuration-guide/serialization-immutability.
/// </summary>
public sealed class IsolationTests
{
    [Fact]
    public async Task A_client_and_a_grain_share_nothing()
    {
        await using var cluster = await TestClusters.Start();
        (await Spoiling.All(cluster.Client.GetGrain<IKeeperGrain>(Signals.NewKey("keeper")))).Should().BeEmpty();
    }

    [Fact]
    public async Task Two_grains_of_one_silo_share_nothing()
    {
        await using var cluster = await TestClusters.Start();
        var spoiler = cluster.Client.GetGrain<ISpoilerGrain>(Signals.NewKey("spoiler"));
        (await spoiler.SpoilAll(Signals.NewKey("keeper")).Soon()).Should().BeEmpty();
    }

    [Fact]
    public async Task Change_between_call_and_turn_is_not_seen()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IKeeperGrain>(Signals.NewKey("keeper"));
        var basket = Basket.Full();
        var keeping = grain.Keep(basket);
        basket.Spoil();
        await keeping;
        (await grain.Kept()).ToString().Should().Be(Basket.Full().ToString());
    }

    [Fact]
    public async Task A_store_keeps_what_was_written()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IPurseGrain>(Signals.NewKey("purse"), typeof(PurseGrain).FullName);
        static Purse Written() => new() { Owner = "acct_one", Notes = ["first"], Shares = new() { ["acct_two"] = 1 } };
        var purse = Written();
        await grain.Write(purse);
        purse.Notes.Add("behind its back");
        var report = await grain.Read();
        report.Purse.Notes.Should().Equal("first");
        report.Purse.Notes.Clear();
        report.Purse.Shares.Clear();
        (await grain.Read()).Purse.Should().BeEquivalentTo(Written());
        await grain.Reload();
        (await grain.Read()).Purse.Notes.Should().Equal("first");
    }

    [Fact]
    public async Task A_grain_that_changes_its_state_and_reads_it_again_has_what_it_wrote()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IPurseGrain>(Signals.NewKey("purse"), typeof(PurseGrain).FullName);
        await grain.Write(new Purse { Notes = ["first"], Shares = new() { ["acct_two"] = 1 } });
        await grain.Scribble("unwritten");
        (await grain.Read()).Purse.Notes.Should().Equal("first", "unwritten");
        await grain.Reload();
        (await grain.Read()).Purse.Notes.Should().Equal("first");
    }
}
