namespace OpenLedger.Testing;

/// <summary>The system's clock, set forward as often as a test wants; what waits waits by the system's.</summary>
sealed class ShiftedTime : TimeProvider
{
    long _shiftTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _shiftTicks));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _shiftTicks, time.Ticks);

    public void AdvanceTo(DateTimeOffset moment) => Advance(moment - GetUtcNow());
}
