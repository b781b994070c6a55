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

    public string GoalText() => Goal is null ? "" : $"≥ {Text(Goal.Bound)}";

    static string Text(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "#,0", >= 100 => "0.#", >= 10 => "0.##", _ => "0.###" }, CultureInfo.InvariantCulture);
}

/// <summary>A value must be at least this.</summary>
sealed record Goal(double Bound)
{
    public static Goal AtLeast(double bound) => new(bound);

    /// <summary>A value that is not a number holds no goal.</summary>
    public bool Holds(double value) => value >= Bound;
}
