namespace Simulation.Tests;

/// <summary>A wall clock that can be set back, stand still and leap; the other clock, for durations, only goes forward.</summary>
sealed class SimulatedClock : TimeProvider
{
    DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    long elapsed;

    /// <summary>Nanoseconds since 1970.</summary>
    public ulong NowNs => (ulong)(now - DateTimeOffset.UnixEpoch).Ticks * 100;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => elapsed;

    /// <summary>Time goes on, mostly as it should.</summary>
    public string Step(Dice dice)
    {
        var span = dice.Below(20) switch
        {
            0 => -TimeSpan.FromMilliseconds(dice.Between(1, 100_000)),
            1 or 2 => TimeSpan.Zero,
            3 => TimeSpan.FromSeconds(dice.Between(1, 20_000)),
            _ => TimeSpan.FromMilliseconds(dice.Between(1, 900)),
        };
        now += span;
        elapsed += Math.Max(0, span.Ticks);
        return span.ToString();
    }
}
