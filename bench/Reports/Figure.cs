using System.Globalization;

namespace OpenLedger.Bench.Reports;

/// <summary>One measured value.</summary>
/// <param name="Name">What was measured, as a path of words from the general to the particular.</param>
/// <param name="Goal">What it must reach, or null where it is only reported.</param>
sealed record Figure(string Name, double Value, string Unit, Goal? Goal = null)
{
    /// <summary>Whether the goal holds; null without a goal.</summary>
    public bool? Holds => Goal?.Holds(Value);

    /// <summary>Four significant digits and no more than three after the point.</summary>
    public string ValueText() => Text(Value);

    public string GoalText() => Goal is null ? "" : $"{(Goal.IsUpper ? "≤" : "≥")} {Text(Goal.Bound)}";

    static string Text(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "#,0", >= 100 => "0.#", >= 10 => "0.##", _ => "0.###" }, CultureInfo.InvariantCulture);
}

/// <summary>A value must be at least, or at most, this.</summary>
sealed record Goal(double Bound, bool IsUpper = false)
{
    public static Goal AtLeast(double bound) => new(bound);

    public static Goal AtMost(double bound) => new(bound, IsUpper: true);

    /// <summary>A value that is not a number holds no goal.</summary>
    public bool Holds(double value) => IsUpper ? value <= Bound : value >= Bound;
}
