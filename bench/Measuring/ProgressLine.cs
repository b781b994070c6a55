namespace OpenLedger.Bench.Measuring;

/// <summary>Progress on standard error: standard output belongs to the report.</summary>
static class ProgressLine
{
    public static void Write(string text) => Console.Error.WriteLine(text);

    /// <summary>Minutes and seconds.</summary>
    public static string Duration(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";
}
