using Orleans.Concurrency;

namespace OpenLedger.Conformance;

public interface ICancellableGrain : IGrainWithStringKey
{
    Task<int> Work(string phase, CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task Probe();
}

public sealed class CancellableGrain : Grain, ICancellableGrain
{
    public async Task<int> Work(string phase, CancellationToken cancellationToken)
    {
        Signals.Open($"{phase}.begun");
        try
        {
            await Signals.Opened($"{phase}.may-end").WaitAsync(cancellationToken);
            return 42;
        }
        catch (OperationCanceledException)
        {
            Signals.Open($"{phase}.cancelled");
            throw;
        }
    }

    public Task Probe() => Task.CompletedTask;
}

/// <summary>
/// A token that the caller cancels is cancelled for the grain, and the caller's wait ends:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/cancellation-tokens.
/// </summary>
public sealed class CancellationTests
{
    [Fact]
    public async Task Cancelling_reaches_the_call_under_way()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("cancellable");
        var grain = cluster.Client.GetGrain<ICancellableGrain>(key);
        using var cancellation = new CancellationTokenSource();
        var call = grain.Work(key, cancellation.Token);
        await Signals.Reached($"{key}.begun");
        await cancellation.CancelAsync();

        var waiting = async () => await call.Soon();
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        await Signals.Reached($"{key}.cancelled");
    }

    [Fact]
    public async Task A_token_that_is_never_cancelled_changes_nothing()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("cancellable");
        Signals.Open($"{key}.may-end");
        using var cancellation = new CancellationTokenSource();
        (await cluster.Client.GetGrain<ICancellableGrain>(key).Work(key, cancellation.Token).Soon()).Should().Be(42);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_is_not_made()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("cancellable");
        var grain = cluster.Client.GetGrain<ICancellableGrain>(key);
        var first = grain.Work($"{key}.first", CancellationToken.None);
        await Signals.Reached($"{key}.first.begun");
        using var cancellation = new CancellationTokenSource();
        var second = grain.Work($"{key}.second", cancellation.Token);
        await grain.Probe().Soon();
        await cancellation.CancelAsync();
        var waiting = async () => await second.Soon();
        await waiting.Should().ThrowAsync<OperationCanceledException>();

        // The caller does not wait for the silo's word: a call after the cancellation arrives after it.
        await grain.Probe().Soon();
        Signals.Open($"{key}.first.may-end");
        (await first.Soon()).Should().Be(42);
        Signals.Open($"{key}.third.may-end");
        (await grain.Work($"{key}.third", CancellationToken.None).Soon()).Should().Be(42);
        Signals.IsOpen($"{key}.second.begun").Should().BeFalse();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_is_made_is_not_made()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("cancellable");
        var grain = cluster.Client.GetGrain<ICancellableGrain>(key);
        var call = async () => await grain.Work(key, new(canceled: true)).Soon();
        await call.Should().ThrowAsync<OperationCanceledException>();
        await grain.Probe().Soon();
        Signals.IsOpen($"{key}.begun").Should().BeFalse();
    }
}
