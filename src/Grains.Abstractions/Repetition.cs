namespace OpenLedger.Grains;

/// <summary>
/// Repeats calls that are idempotent by an id of the caller's: a timeout, a silo that went away and a database that did not answer all
/// leave the outcome unknown, and the same call with the same id finds out. Attempts and time are bounded.
/// </summary>
public sealed class Repetition
{
    /// <summary>Calls made at most, the first included.</summary>
    public const int AttemptsMax = 20;

    /// <summary>Calls that are waited for equally long.</summary>
    public const int SteadyAttempts = 6;

    /// <summary>No repetition begins later than this after the first call.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(60);

    static readonly TimeSpan pauseFirst = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan pauseMax = TimeSpan.FromSeconds(1);

    readonly TimeProvider _clock;
    readonly TimeSpan _answerMax;

    /// <param name="answerMax">
    /// How long a call is waited for before it is repeated beside it: a caller outside the cluster is not told that the silo behind its
    /// gateway died. Doubled after <see cref="SteadyAttempts"/>, so that a busy cluster is left to answer. Null leaves all to the
    /// engine's own timeout.
    /// </param>
    public Repetition(TimeProvider clock, TimeSpan? answerMax = null)
    {
        _clock = clock;
        _answerMax = answerMax ?? Timeout.InfiniteTimeSpan;
    }

    /// <summary>Whether a failure says nothing of the outcome and a repetition may succeed.</summary>
    public static bool IsPassing(Exception exception) => exception is TimeoutException or UnavailableException or OrleansException;

    /// <summary>Calls until an answer, a failure that stands, or the bounds; then the last failure is thrown.</summary>
    /// <param name="call">Idempotent: every repetition carries the same ids.</param>
    /// <exception cref="OperationCanceledException">Cancelled between two calls; the outcome is unknown.</exception>
    public async Task<T> Run<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        var started = _clock.GetTimestamp();
        var pause = pauseFirst;
        var answerMax = _answerMax;
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await Answer(call(), answerMax, cancellationToken);
            }
            catch (Exception exception) when (
                IsPassing(exception) && attempt < AttemptsMax && _clock.GetElapsedTime(started) + pause < TimeMax)
            {
                await Task.Delay(pause, _clock, cancellationToken);
                pause = pause * 2 < pauseMax ? pause * 2 : pauseMax;
                answerMax = attempt < SteadyAttempts || answerMax == Timeout.InfiniteTimeSpan ? answerMax : answerMax * 2;
            }
        }
    }

    async Task<T> Answer<T>(Task<T> call, TimeSpan answerMax, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(answerMax, _clock, cancellationToken);
        }
        finally
        {
            // Nobody waits for a call any more that was given up; how it fails is of no interest.
            _ = call.ContinueWith(
                given => given.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<Task> call, CancellationToken cancellationToken = default) => Run(
        async () =>
        {
            await call();
            return true;
        },
        cancellationToken);
}
