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

    /// <summary>No iterator: hands on the enumerable of one.</summary>
    IAsyncEnumerable<int> Relay(CancellationToken cancellationToken = default);

    IAsyncEnumerable<int> RefuseAtOnce();

    /// <summary>Works before each element, then ends in an exception that nobody made a serializer for.</summary>
    IAsyncEnumerable<int> FailPlainly(int count);

    IAsyncEnumerable<bool> OnItsScheduler();

    Task<int> Answer();

    [ResponseTimeout("00:00:00.400")]
    [AlwaysInterleave]
    Task Wait(string gate);

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

    public IAsyncEnumerable<int> Relay(CancellationToken cancellationToken = default) => Stall(cancellationToken);

    public IAsyncEnumerable<int> RefuseAtOnce() => throw new RefusalException("not at all");

    public async IAsyncEnumerable<int> FailPlainly(int count)
    {
        for (var item = 0; item < count; item++)
        {
            await Task.Yield();
            yield return item;
        }

        throw new PlainException("plainly");
    }

    public Task Wait(string gate) => Signals.Opened(gate);

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

public sealed class PlainException(string message) : Exception(message);

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
    public async Task Elements_that_are_there_travel_together()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var grain = cluster.Client.GetGrain<IStreamingGrain>(key);
        await using var enumerator = grain.CountEagerly(100).WithBatchSize(7).GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        Signals.Counted($"{key}.produced").Should().Be(7, "the first call brought a whole batch");
        for (var item = 1; item < 7; item++)
        {
            (await enumerator.MoveNextAsync()).Should().BeTrue();
            enumerator.Current.Should().Be(item);
        }

        Signals.Counted($"{key}.produced").Should().Be(7, "no call was made for the rest of it");
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        Signals.Counted($"{key}.produced").Should().Be(14);
    }

    [Fact]
    public async Task A_slow_consumer_gets_everything()
    {
        await using var cluster = await TestClusters.Start(silo => silo.RespondWithin(TimeSpan.FromSeconds(5)));
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        var received = new List<int>();
        await foreach (var item in grain.CountEagerly(6).WithBatchSize(1))
        {
            received.Add(item);
            await Elapse(grain);
        }

        received.Should().Equal(0, 1, 2, 3, 4, 5);
    }

    [Fact]
    public async Task A_consumer_waits_for_a_slow_grain_longer_than_for_an_answer()
    {
        await using var cluster = await TestClusters.Start(silo => silo.RespondWithin(TimeSpan.FromMilliseconds(500)));
        var key = Signals.NewKey("streaming");
        var grain = cluster.Client.GetGrain<IStreamingGrain>(key);
        await using var enumerator = grain.Stall().GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        var next = enumerator.MoveNextAsync();
        for (var time = 0; time < 4; time++)
        {
            await Elapse(grain);
        }

        next.IsCompleted.Should().BeFalse("neither side gives up");
        Signals.Open($"{key}.go-on");
        (await next.AsTask().Soon()).Should().BeFalse();
    }

    [Fact]
    public async Task An_exception_before_the_first_element_arrives()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        var atOnce = async () => await ToList(grain.RefuseAtOnce()).Soon();
        await atOnce.Should().ThrowExactlyAsync<RefusalException>().WithMessage("not at all");
        var first = async () => await ToList(grain.FailAfter(0)).Soon();
        await first.Should().ThrowExactlyAsync<RefusalException>().WithMessage("enough");
    }

    /// <summary>dotnet/orleans #9384: the caller never heard of it and waited for ever.</summary>
    [Fact]
    public async Task An_exception_that_nobody_made_a_serializer_for_ends_it_too()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        var received = new List<int>();
        var consume = async () =>
        {
            await foreach (var item in grain.FailPlainly(4))
            {
                received.Add(item);
            }
        };
        (await new Func<Task>(() => consume().Soon()).Should().ThrowAsync<Exception>()).Which.ToString()
            .Should().Contain(nameof(PlainException), "the exception, or one that says what could not be sent");
        received.Should().Equal(0, 1, 2, 3);
        (await grain.Answer().Soon()).Should().Be(42);
    }

    /// <summary>
    /// dotnet/orleans #9614: a method that is no iterator does not hear of cancellation by its token; the enumerable that it hands on does.
    /// </summary>
    [Fact]
    public async Task What_a_method_hands_on_is_cancelled()
    {
        await using var cluster = await TestClusters.Start();
        var (byToken, byLeaving) = (Signals.NewKey("streaming"), Signals.NewKey("streaming"));
        using var cancellation = new CancellationTokenSource();
        var consume = async () =>
        {
            await foreach (var item in cluster.Client.GetGrain<IStreamingGrain>(byToken).Relay(cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        };
        await new Func<Task>(() => consume().Soon()).Should().ThrowAsync<OperationCanceledException>();
        await Signals.Reached($"{byToken}.cleaned");

        await foreach (var item in cluster.Client.GetGrain<IStreamingGrain>(byLeaving).Relay())
        {
            break;
        }

        await Signals.Reached($"{byLeaving}.cleaned");
    }

    [Fact]
    public async Task A_token_that_is_passed_ends_it_as_well()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        using var cancellation = new CancellationTokenSource();
        var consume = async () =>
        {
            await foreach (var item in cluster.Client.GetGrain<IStreamingGrain>(key).Stall(cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        };
        await new Func<Task>(() => consume().Soon()).Should().ThrowAsync<OperationCanceledException>();
        await Signals.Reached($"{key}.cleaned");
    }

    /// <summary>dotnet/orleans #9185: an iterator that was under way could not be disposed of, and was not.</summary>
    [Fact]
    public async Task A_consumer_that_leaves_while_the_grain_works_ends_it()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("streaming");
        var enumerator = cluster.Client.GetGrain<IStreamingGrain>(key).Stall().GetAsyncEnumerator();
        (await enumerator.MoveNextAsync()).Should().BeTrue();
        var next = enumerator.MoveNextAsync().AsTask();
        await enumerator.DisposeAsync().AsTask().Soon();
        await Signals.Reached($"{key}.cleaned");
        await Task.WhenAny(next).Soon();
        next.IsCompletedSuccessfully.Should().BeFalse("there was no further element, and no end");
    }

    [Fact]
    public async Task Enumerations_of_one_grain_do_not_disturb_each_other()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IStreamingGrain>(Signals.NewKey("streaming"));
        var numbers = grain.Count(300);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ToList(numbers))).Soon();
        all.Should().OnlyContain(each => each.SequenceEqual(Enumerable.Range(0, 300)));
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

    // A call that times out is how a test knows that its time has passed.
    static async Task Elapse(IStreamingGrain grain)
    {
        var gate = Signals.NewKey("gate");
        var call = async () => await grain.Wait(gate);
        await call.Should().ThrowAsync<TimeoutException>();
        Signals.Open(gate);
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
