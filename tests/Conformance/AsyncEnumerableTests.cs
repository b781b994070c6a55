using System.Runtime.CompilerServices;
using Orleans.Concurrency;

namespace OpenLedger.Conformance;

public interface IStreamingGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int to);

    /// <summary>Counts without ever awaiting anything.</summary>
    IAsyncEnumerable<int> CountEagerly(int to);

    IAsyncEnumerable<int> FailAfter(int count);

    /// <summary>One element, then silence until cancelled.</summary>
    IAsyncEnumerable<int> Stall(CancellationToken cancellationToken = default);

    IAsyncEnumerable<bool> OnItsScheduler();

    Task<int> Answer();

    Task End();
}

public sealed class StreamingGrain : Grain, IStreamingGrain
{
    public async IAsyncEnumerable<int> Count(int to)
    {
        var key = this.GetPrimaryKeyString();
        try
        {
            for (var item = 0; item < to; item++)
            {
                await Task.Yield();
                Signals.Count($"{key}.produced");
                yield return item;
            }
        }
        finally
        {
            Signals.Open($"{key}.cleaned");
        }
    }

    public async IAsyncEnumerable<int> CountEagerly(int to)
    {
        for (var item = 0; item < to; item++)
        {
            Signals.Count($"{this.GetPrimaryKeyString()}.produced");
            yield return item;
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<int> FailAfter(int count)
    {
        for (var item = 0; item < count; item++)
        {
            yield return item;
        }

        await Task.Yield();
        throw new RefusalException("enough");
    }

    public async IAsyncEnumerable<int> Stall([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return 0;
        try
        {
            await Signals.Opened($"{this.GetPrimaryKeyString()}.go-on").WaitAsync(cancellationToken);
        }
        finally
        {
            Signals.Open($"{this.GetPrimaryKeyString()}.cleaned");
        }
    }

    public async IAsyncEnumerable<bool> OnItsScheduler()
    {
        var scheduler = TaskScheduler.Current;
        yield return scheduler != TaskScheduler.Default;
        await Task.Yield();
        yield return TaskScheduler.Current == scheduler;
    }

    public Task<int> Answer() => Task.FromResult(42);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.ended");
        return Task.CompletedTask;
    }
}

/// <summary>
/// A grain's method may return an asynchronous enumerable: pulled by its consumer, run by the grain, ended by either:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/#return-iasyncenumerable-from-grain-methods.
/// </summary>
public sealed class AsyncEnumerableTests
{
    [Fact]
    public async Task All_elements_arrive_in_order()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        (await ToList(grain.Count(1000))).Should().Equal(Enumerable.Range(0, 1000));
        (await ToList(grain.CountEagerly(1000))).Should().Equal(Enumerable.Range(0, 1000));
        (await ToList(grain.CountEagerly(0))).Should().BeEmpty();
    }

    [Fact]
    public async Task It_runs_on_the_scheduler_of_the_grain()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        (await ToList(grain.OnItsScheduler())).Should().Equal(true, true);
    }

    [Fact]
    public async Task An_exception_arrives_after_the_elements_before_it()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        var received = new List<int>();
        var consume = async () =>
        {
            await foreach (var item in grain.FailAfter(3))
            {
                received.Add(item);
            }
        };
        await consume.Should().ThrowExactlyAsync<RefusalException>().WithMessage("enough");
        received.Should().Equal(0, 1, 2);
        (await grain.Answer()).Should().Be(42);
    }

    [Fact]
    public async Task A_cancelled_consumer_ends_it()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var grain = cluster.Client.GetGrain<IStreamingGrain>(key);
        using var cancellation = new CancellationTokenSource();
        var received = 0;
        var consume = async () =>
        {
            await foreach (var item in grain.Stall().WithCancellation(cancellation.Token))
            {
                received++;
                await cancellation.CancelAsync();
            }
        };
        await consume.Should().ThrowAsync<OperationCanceledException>();
        received.Should().Be(1);
        await Signals.Reached($"{key}.cleaned");
    }

    [Fact]
    public async Task A_consumer_that_leaves_early_ends_it()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        await foreach (var item in cluster.Client.GetGrain<IStreamingGrain>(key).Count(int.MaxValue))
        {
            if (item == 10)
            {
                break;
            }
        }

        await Signals.Reached($"{key}.cleaned");
    }

    [Fact]
    public async Task A_consumer_that_falls_silent_is_forgotten()
    {
        await using var cluster = await TestClusters.Start(silo => silo.RespondWithin(TimeSpan.FromMilliseconds(500)));
        var key = Signals.NewKey("streaming");
        var enumerator = cluster.Client.GetGrain<IStreamingGrain>(key).Count(int.MaxValue).GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        await Signals.Reached($"{key}.cleaned");
    }

    [Fact]
    public async Task The_grain_runs_ahead_by_one_batch_at_most()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var consumed = 0;
        await foreach (var item in cluster.Client.GetGrain<IStreamingGrain>(key).CountEagerly(100).WithBatchSize(5))
        {
            consumed++;
            Signals.Counted($"{key}.produced").Should().BeLessThanOrEqualTo(consumed + 5);
        }

        consumed.Should().Be(100);
    }

    [Fact]
    public async Task Other_calls_are_answered_while_it_waits()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var grain = cluster.Client.GetGrain<IStreamingGrain>(key);
        await using var enumerator = grain.Stall().GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        var next = enumerator.MoveNextAsync();
        (await grain.Answer().Soon()).Should().Be(42);
        Signals.Open($"{key}.go-on");
        (await next).Should().BeFalse();
    }

    [Fact]
    public async Task It_does_not_outlive_its_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var grain = cluster.Client.GetGrain<IStreamingGrain>(key);
        await using var enumerator = grain.Count(int.MaxValue).WithBatchSize(1).GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        await grain.End();
        await Signals.Reached($"{key}.ended");

        var goOn = async () =>
        {
            while (await enumerator.MoveNextAsync())
            {
                // What was already on its way may still arrive.
            }
        };
        await goOn.Should().ThrowAsync<EnumerationAbortedException>();
    }

    static async Task<List<T>> ToList<T>(IAsyncEnumerable<T> source)
    {
        var items = new List<T>();
        await foreach (var item in source)
        {
            items.Add(item);
        }

        return items;
    }
}
