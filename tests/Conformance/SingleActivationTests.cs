namespace OpenLedger.Conformance;

public interface ISingleGrain : IGrainWithStringKey
{
    /// <summary>The number of the activation that answers, counted by key from 1.</summary>
    Task<int> Activation();
}

public sealed class SingleGrain : Grain, ISingleGrain
{
    int number;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        number = Signals.Count($"{key}.activations");
        await Signals.Opened($"{key}.may-activate");
    }

    public Task<int> Activation() => Task.FromResult(number);
}

/// <summary>
/// A grain has one activation, however many make its first call at once:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-lifecycle and
/// https://learn.microsoft.com/en-us/dotnet/orleans/overview#what-are-grains.
/// </summary>
public sealed class SingleActivationTests
{
    [Fact]
    public async Task Concurrent_first_calls_share_one_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("single");
        var calls = Enumerable.Range(0, 200)
            .Select(_ => Task.Run(() => cluster.Client.GetGrain<ISingleGrain>(key).Activation()))
            .ToArray();
        await Signals.Reached($"{key}.activations:1");
        Signals.Open($"{key}.may-activate");

        (await Task.WhenAll(calls).Soon()).Should().OnlyContain(number => number == 1);
        Signals.Counted($"{key}.activations").Should().Be(1);
    }

    [Fact]
    public async Task Each_key_has_its_own_activation()
    {
        await using var cluster = await TestClusters.Start();
        var keys = Enumerable.Range(0, 50).Select(_ => Signals.NewKey("single")).ToArray();
        foreach (var key in keys)
        {
            Signals.Open($"{key}.may-activate");
        }

        var numbers = await Task.WhenAll(keys.Select(key => cluster.Client.GetGrain<ISingleGrain>(key).Activation())).Soon();

        numbers.Should().OnlyContain(number => number == 1);
        keys.Should().OnlyContain(key => Signals.Counted($"{key}.activations") == 1);
    }
}
