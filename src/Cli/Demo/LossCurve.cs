using System.Globalization;
using System.Text;
using OpenLedger.Grains.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OpenLedger.Cli.Demo;

/// <summary>The loss of a training run as a curve of Braille dots: two columns and four rows of dots a character.</summary>
static class LossCurve
{
    const int Rows = 8;
    const int ColumnsMax = 72;
    const int AxisColumns = 10;
    const int DotsAcross = 2;
    const int DotsDown = 4;

    static readonly int[,] dots = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };

    public static IRenderable Render(TrainingStatus status, IReadOnlyList<TrainingPoint> points, int width)
    {
        var columns = Math.Clamp(width - AxisColumns - 4, 10, ColumnsMax);
        var highest = points.Max(point => point.Loss);
        var last = points[^1];
        var text = new StringBuilder();
        var lines = Plot(points, Math.Max(status.StepCount, last.Step), highest, columns);
        for (var row = 0; row < Rows; row++)
        {
            var label = row == 0 ? highest : row == Rows - 1 ? 0 : double.NaN;
            var axis = double.IsNaN(label) ? "" : label.ToString("F2", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{axis,AxisColumns - 2} ").Append('│').Append(lines[row]).Append('\n');
        }

        var left = TimeLeft(status, points);
        text.Append(CultureInfo.InvariantCulture, $"{"",AxisColumns - 2} └{new string('─', columns)}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{"",AxisColumns} {status.Stage} · step {status.Step} of {status.StepCount} "
            + $"· loss {last.Loss:F3} · {last.TokensPerSecond:N0} tokens/s{left}");
        return new Text(text.ToString(), new Style(Color.Teal));
    }

    static string[] Plot(IReadOnlyList<TrainingPoint> points, int steps, double highest, int columns)
    {
        var cells = new int[Rows, columns];
        var dotColumns = columns * DotsAcross;
        var dotRows = Rows * DotsDown;
        foreach (var point in points)
        {
            var x = Math.Clamp((int)((double)(point.Step - 1) / Math.Max(1, steps) * dotColumns), 0, dotColumns - 1);
            var y = Math.Clamp((int)((1 - (point.Loss / Math.Max(highest, 1e-9))) * dotRows), 0, dotRows - 1);
            cells[y / DotsDown, x / DotsAcross] |= dots[x % DotsAcross, y % DotsDown];
        }

        var lines = new string[Rows];
        for (var row = 0; row < Rows; row++)
        {
            var line = new char[columns];
            for (var column = 0; column < columns; column++)
            {
                line[column] = cells[row, column] == 0 ? ' ' : (char)(0x2800 + cells[row, column]);
            }

            lines[row] = new string(line);
        }

        return lines;
    }

    static string TimeLeft(TrainingStatus status, IReadOnlyList<TrainingPoint> points)
    {
        // Seconds come from the points' own rate; without one there is nothing honest to say.
        var last = points[^1];
        if (last.TokensPerSecond <= 0 || status.Step == 0 || status.Step >= status.StepCount || last.SecondsElapsed <= 0)
        {
            return "";
        }

        var seconds = last.SecondsElapsed / status.Step * (status.StepCount - status.Step);
        return string.Create(CultureInfo.InvariantCulture, $" · {seconds:F0} s left");
    }
}
