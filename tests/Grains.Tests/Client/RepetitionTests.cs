using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Client;

/// <summary>A call that is idempotent by its id is repeated while its failure says nothing of the outcome, and not for ever.</summary>
public sealed class RepetitionTests
{
    readonly ManualTime _time = new();

    public static TheoryData<Exception> Passing { get; } =
    [
        new TimeoutException(),
        new UnavailableException("the database is away"),
        new SiloUnavailableException("the silo went away"),
        new OrleansException("a rejection"),
    ];

    public static TheoryData<Exception> Standing { get; } =
    [
        new RefusedException("funds too low"),
        new BusyException("the queue is full"),
        new InvalidOperationException("a defect"),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_passing_failure_is_repeated_until_an_answer(Exception failure)
    {
        var calls = 0;
        var answer = await new Repetition(_time).Run(() => ++calls < 4 ? Task.FromException<int>(failure) : Task.FromResult(calls));
        answer.Should().Be(4);
    }

    [Theory]
    [MemberData(nameof(Standing))]
    public async Task A_failure_that_stands_is_not_repeated(Exception failure)
    {
        var calls = 0;
        var act = () => new Repetition(_time).Run(() =>
        {
            calls++;
            return Task.FromException(failure);
        });
        (await act.Should().ThrowAsync<Exception>()).Which.Should().BeSameAs(failure);
        calls.Should().Be(1);
    }

    [Fact]
    public async Task Attempts_are_bounded_and_the_last_failure_is_thrown()
    {
        var calls = 0;
        var act = () => new Repetition(_time).Run(() => Task.FromException<int>(new UnavailableException($"call {++calls}")));
        await act.Should().ThrowAsync<UnavailableException>().WithMessage($"call {Repetition.AttemptsMax}");
    }

    [Fact]
    public async Task Time_is_bounded_too()
    {
        var calls = 0;
        var act = () => new Repetition(_time).Run(() =>
        {
            calls++;
            _time.Advance(TimeSpan.FromSeconds(30));
            return Task.FromException<int>(new TimeoutException());
        });
        await act.Should().ThrowAsync<TimeoutException>();
        calls.Should().Be(2, "the second call ends after a minute, and none begins later");
    }

    [Fact]
    public async Task A_call_that_hangs_is_repeated_beside_itself()
    {
        var calls = 0;
        var answer = await new Repetition(_time, TimeSpan.FromSeconds(1))
            .Run(() => ++calls == 1 ? new TaskCompletionSource<int>().Task : Task.FromResult(calls));
        answer.Should().Be(2);
    }

    [Fact]
    public async Task A_cancellation_ends_the_repetitions()
    {
        using var cancellation = new CancellationTokenSource();
        var act = () => new Repetition(_time).Run(
            () =>
            {
                cancellation.Cancel();
                return Task.FromException<int>(new TimeoutException());
            },
            cancellation.Token);
        await act.Should().ThrowAsync<OperationCanceledException>();
    }
}
