namespace OpenLedger.Economy;

/// <summary>
/// Counts months since genesis. A month ends on the day of genesis in UTC, at its time of day; in a month that has no such day it ends on
/// that month's last. Every month is counted from genesis and not from the month before, so the 31st stays the 31st.
/// </summary>
public static class VestingCalendar
{
    /// <summary>Whole months from genesis to a moment; 0 before genesis.</summary>
    public static int MonthsBetween(DateTimeOffset genesis, DateTimeOffset moment)
    {
        genesis = genesis.ToUniversalTime();
        moment = moment.ToUniversalTime();
        if (moment <= genesis)
        {
            return 0;
        }

        var months = ((moment.Year - genesis.Year) * 12) + moment.Month - genesis.Month;
        return genesis.AddMonths(months) <= moment ? months : months - 1;
    }

    /// <summary>When the given number of whole months has passed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The months are negative, or end after the year 9999.</exception>
    public static DateTimeOffset EndOf(DateTimeOffset genesis, int months)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(months);
        return genesis.ToUniversalTime().AddMonths(months);
    }
}
