using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using Orleans.Utilities;

namespace OpenLedger.Conformance;

public interface IWatcher : IGrainObserver
{
    Task Notice(string what);
}

public interface IWatchedGrain : IGrainWithStringKey
{
    Task Subscribe(IWatcher watcher);

    Task Unsubscribe(IWatcher watcher);

    /// <summary>Tells all watchers, and how many are left.</summary>
    Task<int> Tell(string what);
}

public sealed class WatchedGrain : Grain, IWatchedGrain
{
    public static readonly TimeSpan Expiry = TimeSpan.FromMinutes(5);

    readonly ObserverManager<IWatcher> watchers;

    public WatchedGrain(ILogger<WatchedGrain> log, TimeProvider time) =>
        watchers = new(Expiry, log) { GetDateTime = () => time.GetUtcNow().UtcDateTime };

    public Task Subscribe(IWatcher watcher)
    {
        watchers.Subscribe(watcher, watcher);
        return Task.CompletedTask;
    }

    public Task Unsubscribe(IWatcher watcher)
    {
        watchers.Unsubscribe(watcher);
        return Task.CompletedTask;
    }

    public async Task<int> Tell(string what)
    {
        await watchers.Notify(watcher => watcher.Notice(what));
        return watchers.Count;
    }
}

sealed class Watcher : IWatcher
{
    public ConcurrentQueue<string> Noticed { get; } = new();

    public bool Fails { get; set; }

    public Task Notice(string what)
    {
        Noticed.Enqueue(what);
        return Fails ? throw new RefusalException("I do not care") : Task.CompletedTask;
    }
}

/// <summary>
/// An object of a client can be called by grains, through a reference that it makes and deletes; one that fails, is gone, or was not
/// seen for too long is forgotten, and the others hear of everything:
/// https://learn.microsoft.com/dotnet/orleans/grains/observers.
/// </summary>
public sealed class ObserverTests
{
    readonly FakeTime time = new();

    [Fact]
    public async Task Everyone_who_subscribed_is_told_once()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IWatchedGrain>(Signals.NewKey("watched"));
        var (one, two) = (new Watcher(), new Watcher());
        var first = cluster.Client.CreateObjectReference<IWatcher>(one);
        await grain.Subscribe(first);
        await grain.Subscribe(first);
        await grain.Subscribe(cluster.Client.CreateObjectReference<IWatcher>(two));

        (await grain.Tell("news").Soon()).Should().Be(2);

        one.Noticed.Should().Equal("news");
        two.Noticed.Should().Equal("news");
        GC.KeepAlive(one);
        GC.KeepAlive(two);
    }

    [Fact]
    public async Task Who_unsubscribed_is_not_told()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IWatchedGrain>(Signals.NewKey("watched"));
        var watcher = new Watcher();
        var reference = cluster.Client.CreateObjectReference<IWatcher>(watcher);
        await grain.Subscribe(reference);
        await grain.Unsubscribe(reference);
        (await grain.Tell("news").Soon()).Should().Be(0);
        watcher.Noticed.Should().BeEmpty();
        GC.KeepAlive(watcher);
    }

    [Fact]
    public async Task One_that_fails_is_forgotten_and_breaks_nothing()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IWatchedGrain>(Signals.NewKey("watched"));
        Watcher[] watchers = [new(), new() { Fails = true }, new()];
        foreach (var watcher in watchers)
        {
            await grain.Subscribe(cluster.Client.CreateObjectReference<IWatcher>(watcher));
        }

        (await grain.Tell("news").Soon()).Should().Be(2);
        (await grain.Tell("more").Soon()).Should().Be(2);

        watchers.Select(watcher => watcher.Noticed.Count).Should().Equal(2, 1, 2);
        GC.KeepAlive(watchers);
    }

    [Fact]
    public async Task One_that_is_gone_is_forgotten_and_breaks_nothing()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IWatchedGrain>(Signals.NewKey("watched"));
        var (gone, here) = (new Watcher(), new Watcher());
        var reference = cluster.Client.CreateObjectReference<IWatcher>(gone);
        await grain.Subscribe(reference);
        await grain.Subscribe(cluster.Client.CreateObjectReference<IWatcher>(here));
        cluster.Client.DeleteObjectReference<IWatcher>(reference);

        (await grain.Tell("news").Soon()).Should().Be(1);

        here.Noticed.Should().Equal("news");
        gone.Noticed.Should().BeEmpty();
        GC.KeepAlive(here);
    }

    [Fact]
    public async Task One_that_does_not_subscribe_again_is_forgotten_in_time()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IWatchedGrain>(Signals.NewKey("watched"));
        var (silent, faithful) = (new Watcher(), new Watcher());
        var reference = cluster.Client.CreateObjectReference<IWatcher>(faithful);
        await grain.Subscribe(cluster.Client.CreateObjectReference<IWatcher>(silent));
        await grain.Subscribe(reference);
        time.Advance(WatchedGrain.Expiry);
        (await grain.Tell("at the limit").Soon()).Should().Be(2);
        await grain.Subscribe(reference);
        time.Advance(TimeSpan.FromSeconds(1));

        (await grain.Tell("beyond").Soon()).Should().Be(1);

        silent.Noticed.Should().Equal("at the limit");
        faithful.Noticed.Should().Equal("at the limit", "beyond");
        GC.KeepAlive(silent);
    }

    Task<InProcessTestCluster> Start() => TestClusters.Start(silo =>
    {
        silo.Services.AddSingleton<TimeProvider>(time);
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        silo.RespondWithin(TimeSpan.FromSeconds(5));
    });
}
