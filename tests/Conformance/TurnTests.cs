using Orleans.Concurrency;

namespace OpenLedger.Conformance;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Awaits many times and tells the most turns that were ever inside at the same instant.</summary>
    Task<int> Work(int awaits);

    Task<bool> KeepsItsScheduler();

    Task<int> AppendAndCount(int item);

    Task<List<int>> Items();
}

[Reentrant]
public sealed class TurnGrain : Grain, ITurnGrain
{
    readonly List<int> items = [];
    int inside;
    int insideMax;

    public async Task<int> Work(int awaits)
    {
        for (var round = 0; round < awaits; round++)
        {
            insideMax = Math.Max(insideMax, Interlocked.Increment(ref inside));
            Thread.SpinWait(200);
            Interlocked.Decrement(ref inside);
            await Task.Yield();
        }

        return insideMax;
    }

    public async Task<bool> KeepsItsScheduler()
    {
        var before = TaskScheduler.Current;
        await Task.Yield();
        await Task.Run(static () => { });
        return before != TaskScheduler.Default && TaskScheduler.Current == before;
    }

    public Task<int> AppendAndCount(int item)
    {
        items.Add(item);
        return Task.FromResult(items.Count);
    }

    public Task<List<int>> Items() => Task.FromResult(items);
}

/// <summary>
/// An activation runs one turn at a time, on its own task scheduler, even where calls interleave:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/request-scheduling and
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/external-tasks-and-grains.
/// </summary>
public sealed class TurnTests
{
    [Fact]
    public async Task Turns_of_interleaving_calls_never_overlap()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<ITurnGrain>(Signals.NewKey("turn"));

        var highest = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => grain.Work(200)))).Soon();

        highest.Should().OnlyContain(count => count == 1);
    }

    [Fact]
    public async Task What_follows_an_await_stays_on_the_scheduler_of_the_activation()
    {
        await using var cluster = await TestClusters.Start();
        (await cluster.Client.GetGrain<ITurnGrain>(Signals.NewKey("turn")).KeepsItsScheduler()).Should().BeTrue();
    }

    [Fact]
    public async Task Calls_of_one_caller_who_awaits_each_take_effect_in_order()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<ITurnGrain>(Signals.NewKey("turn"));
        for (var item = 0; item < 100; item++)
        {
            (await grain.AppendAndCount(item)).Should().Be(item + 1);
        }

        (await grain.Items()).Should().Equal(Enumerable.Range(0, 100));
    }
}
