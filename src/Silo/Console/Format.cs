using System.Globalization;

namespace OpenLedger.Silo.Console;

/// <summary>Figures as people read them. Amounts of money are not among them: those are always whole.</summary>
static class Format
{
    const int HeadCharacters = 8;
    const int TailCharacters = 4;

    static readonly string[] byteUnits = ["B", "KB", "MB", "GB", "TB"];

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) => perSecond.ToString(perSecond < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    /// <summary>Of 1,000 bytes to the KB, as the documentation counts them.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 1_000 && unit < byteUnits.Length - 1; unit++)
        {
            value /= 1_000;
        }

        return $"{value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture)} {byteUnits[unit]}";
    }

    /// <summary>Three digits that say something.</summary>
    public static string Milliseconds(double milliseconds)
    {
        var format = milliseconds < 1 ? "0.000" : milliseconds < 10 ? "0.00" : milliseconds < 100 ? "0.0" : "N0";
        return milliseconds.ToString(format, CultureInfo.InvariantCulture);
    }

    public static string Loss(double loss) => loss.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>How long before another moment something was, in its largest unit.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now)
    {
        var seconds = Math.Max(0, (long)(now - time).TotalSeconds);
        return seconds switch
        {
            < 60 => $"{seconds} s ago",
            < 3_600 => $"{seconds / 60} min ago",
            < 86_400 => $"{seconds / 3_600} h ago",
            _ => $"{Count(seconds / 86_400)} d ago",
        };
    }

    /// <summary>A long id or hash: its kind, the first characters of what follows, and the last.</summary>
    public static string Short(string id)
    {
        var kind = id.IndexOfAny([':', '_']) + 1;
        return id.Length - kind <= HeadCharacters + TailCharacters + 1
            ? id
            : $"{id.AsSpan(0, kind + HeadCharacters)}…{id.AsSpan(id.Length - TailCharacters)}";
    }

    /// <summary>A number in an SVG attribute.</summary>
    public static string Svg(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
