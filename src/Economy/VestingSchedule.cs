namespace OpenLedger.Economy;

/// <summary>
/// A sum released in equal monthly steps after a cliff. The released amount is a function of the whole months since genesis and of
/// nothing else: floor(total × elapsed / months). So releases telescope: whoever releases at whatever moments, the sum is this function
/// of the last of them, and the whole to the last atto at the end.
/// </summary>
/// <param name="Total">The sum, in atto-OPEN.</param>
/// <param name="CliffMonths">Whole months in which nothing is released; nothing is made up for at its end.</param>
/// <param name="LinearMonths">Months from the end of the cliff to the end of the schedule; one or more.</param>
public sealed record VestingSchedule(Amount Total, int CliffMonths, int LinearMonths)
{
    /// <summary>Months after genesis at which all is released.</summary>
    public int MonthsMax => CliffMonths + LinearMonths;

    /// <summary>What has been released in all when so many whole months have passed since genesis.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The months are negative.</exception>
    public Amount VestedAfter(int months)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(months);
        var elapsed = Math.Clamp(months - CliffMonths, 0, LinearMonths);
        return Total.MultiplyDivide((UInt128)(uint)elapsed, (UInt128)(uint)LinearMonths);
    }

    /// <summary>What may be released now, beyond what was released before.</summary>
    /// <exception cref="OverflowException">More was released than the schedule gives: the book is not of this network.</exception>
    public Amount Releasable(int months, Amount released) => VestedAfter(months) - released;
}
