namespace OpenLedger.Conformance;

public interface IContextGrain : IGrainWithStringKey
{
    Task<string?> Read(string name);

    Task<string?> ReadThrough(string next, string name);

    Task Write(string name, string value);

    IAsyncEnumerable<string?> ReadTwice(string name);
}

public sealed class ContextGrain : Grain, IContextGrain
{
    public async Task<string?> Read(string name)
    {
        await Task.Yield();
        return RequestContext.Get(name) as string;
    }

    public Task<string?> ReadThrough(string next, string name) => GrainFactory.GetGrain<IContextGrain>(next).Read(name);

    public Task Write(string name, string value)
    {
        RequestContext.Set(name, value);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string?> ReadTwice(string name)
    {
        yield return RequestContext.Get(name) as string;
        await Task.Yield();
        yield return RequestContext.Get(name) as string;
    }
}

/// <summary>
/// Values of the request context travel with calls and with the calls that these make, and never back:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/request-context.
/// </summary>
public sealed class RequestContextTests
{
    [Fact]
    public async Task Values_reach_the_grain_and_those_that_it_calls()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IContextGrain>(Signals.NewKey("context"));
        RequestContext.Set("trace", "t1");
        (await grain.Read("trace")).Should().Be("t1");
        (await grain.ReadThrough(Signals.NewKey("context"), "trace")).Should().Be("t1");
        RequestContext.Remove("trace").Should().BeTrue();
        (await grain.Read("trace")).Should().BeNull();
        RequestContext.Set("trace", "t2");
        RequestContext.Clear();
        (await grain.Read("trace")).Should().BeNull();
    }

    [Fact]
    public async Task What_a_grain_sets_neither_comes_back_nor_stays()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IContextGrain>(Signals.NewKey("context"));
        await grain.Write("left", "behind");
        RequestContext.Get("left").Should().BeNull();
        (await grain.Read("left")).Should().BeNull();
    }

    [Fact]
    public async Task Calls_side_by_side_keep_their_own_values()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IContextGrain>(Signals.NewKey("context"));

        async Task<string?> Call(int number)
        {
            RequestContext.Set("number", $"{number}");
            return await grain.Read("number");
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(Call)).Soon();
        answers.Should().Equal(Enumerable.Range(0, 50).Select(number => $"{number}"));
    }

    [Fact]
    public async Task Values_reach_an_enumeration()
    {
        await using var cluster = await TestClusters.Start();
        RequestContext.Set("trace", "t3");
        await foreach (var value in cluster.Client.GetGrain<IContextGrain>(Signals.NewKey("context")).ReadTwice("trace"))
        {
            value.Should().Be("t3");
        }
    }
}
