using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using OpenLedger.Cli;

namespace OpenLedger.Bench.Reports;

/// <summary>The figures of one run, printed as a table or as one JSON object.</summary>
/// <param name="Title">Above the table.</param>
/// <param name="Details">Tables with what the figures were drawn from; not part of the JSON object.</param>
sealed record BenchReport(string Title, IReadOnlyList<Figure> Figures, IReadOnlyList<DetailTable> Details)
{
    /// <summary>A file has no width of its own; this one leaves sentences in a table legible.</summary>
    const int RedirectedColumns = 180;

    static readonly JsonWriterOptions writerOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The actor engine that the figures belong to, where they do.</summary>
    public string? Engine { get; init; }

    /// <summary>What the process ends with: a goal that is missed is not silent.</summary>
    public int ExitCode => Figures.All(figure => figure.Holds ?? true) ? ExitCodes.Success : ExitCodes.Negative;

    /// <summary>Prints and returns the exit code.</summary>
    public int Print(bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(ToJson());
            return ExitCode;
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = RedirectedColumns;
        }

        foreach (var detail in Details)
        {
            PrintTable(detail);
        }

        PrintTable(new DetailTable(
            Title,
            ["figure", "value", "unit", "goal", "holds"],
            [.. Figures.Select(figure => new[] { figure.Name, figure.ValueText(), figure.Unit, figure.GoalText(), Word(figure.Holds) })]));
        return ExitCode;
    }

    /// <summary>
    /// <c>{"engine"?, "figures":[{"name","value","unit","goal","holds"},…]}</c>; a goal is its sign and its bound, or null.
    /// </summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, writerOptions))
        {
            writer.WriteStartObject();
            if (Engine is not null)
            {
                writer.WriteString("engine", Engine);
            }

            writer.WriteStartArray("figures");
            foreach (var figure in Figures)
            {
                writer.WriteStartObject();
                writer.WriteString("name", figure.Name);
                WriteNumber(writer, "value", figure.Value);
                writer.WriteString("unit", figure.Unit);
                writer.WriteString("goal", figure.Goal is null ? null : figure.GoalText());
                WriteTruth(writer, "holds", figure.Holds);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>JSON has no word for what is not a number: null says it.</summary>
    static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(name, Math.Round(value, 6));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    static void WriteTruth(Utf8JsonWriter writer, string name, bool? value)
    {
        if (value is { } known)
        {
            writer.WriteBoolean(name, known);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    static void PrintTable(DetailTable detail)
    {
        var table = new Table().Title(Markup.Escape(detail.Title)).Border(TableBorder.Rounded);
        foreach (var column in detail.Columns)
        {
            table.AddColumn(Markup.Escape(column));
        }

        foreach (var row in detail.Rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    static string Word(bool? holds) => holds switch { true => "yes", false => "NO", null => "" };
}

/// <summary>A table beside the figures.</summary>
sealed record DetailTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows);
