using System.Globalization;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OpenLedger.Cli.Demo;

/// <summary>Tells the loop to a person at a terminal.</summary>
sealed class ConsoleNarrator : IDemoNarrator
{
    readonly IAnsiConsole _console;
    int _stage;

    public ConsoleNarrator(IAnsiConsole console) => _console = console;

    public void Begin(DemoOptions options, string engine)
    {
        _console.Write(new FigletText("OpenLedger").Color(Color.Teal));
        _console.MarkupLine("[bold]People whose data made a model better are paid every time it answers.[/]");
        _console.MarkupLineInterpolated($"[grey]engine {engine} · seed {options.Seed} · data in {options.DataFolder}[/]");
    }

    public void Stage(string title, string explanation)
    {
        _stage++;
        _console.WriteLine();
        _console.Write(new Rule($"[teal]{_stage}. {Markup.Escape(title)}[/]").LeftJustified());
        _console.MarkupLineInterpolated($"{explanation}");
    }

    public void Note(string text) => _console.MarkupLineInterpolated($"[yellow]{text}[/]");

    public void Contributions(IReadOnlyList<(string Name, int Rows)> contributions)
    {
        var items = contributions.Select(each => $"[white]{Markup.Escape(each.Name)}[/] [grey]{each.Rows} rows[/]");
        _console.Write(new Padder(new Columns(items.Select(item => new Markup(item))), new Padding(2, 0)));
    }

    public async Task Training(Func<Action<TrainingStatus, IReadOnlyList<TrainingPoint>>, Task> run)
    {
        if (!_console.Profile.Capabilities.Interactive)
        {
            await run((_, _) => { });
            return;
        }

        await _console.Live(new Text("")).AutoClear(false).StartAsync(context => run((status, points) =>
        {
            if (points.Count > 0)
            {
                context.UpdateTarget(LossCurve.Render(status, points, _console.Profile.Width));
            }
        }));
    }

    public void Evaluation(TrainingEvaluation evaluation)
    {
        var table = Table("perplexity of the answers", "base", "adapter", "ratio");
        table.AddRow(
            "rows it learned",
            Number(evaluation.RowsBase),
            Number(evaluation.RowsAdapter),
            Ratio(evaluation.RowsAdapter / evaluation.RowsBase));
        table.AddRow(
            "rows it never saw",
            Number(evaluation.HeldOutBase),
            Number(evaluation.HeldOutAdapter),
            Ratio(evaluation.HeldOutAdapter / evaluation.HeldOutBase));
        _console.Write(table);
    }

    public void Answers(DemoQuestion question, string baseAnswer, string adapterAnswer)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        grid.AddRow(new Markup("[bold]question[/]"), new Text(question.Prompt.Split('\n')[0]));
        grid.AddRow(new Markup("[grey]base[/]"), new Text(baseAnswer, new Style(Color.Grey)));
        grid.AddRow(new Markup("[teal]adapter[/]"), new Text(adapterAnswer, new Style(Color.Teal)));
        grid.AddRow(new Markup("[grey]in the Datanet[/]"), new Text(question.Answer.Trim(), new Style(Color.Grey)));
        _console.Write(new Panel(grid).Border(BoxBorder.Rounded));
    }

    public void Credits(IReadOnlyList<DemoCredit> credits)
    {
        if (credits.Count == 0)
        {
            _console.MarkupLine("[yellow]No row earned credit: the contributors' part goes to the base reserve.[/]");
            return;
        }

        var table = Table("credited contributor", "share", "influence", "span", "passage that matched");
        foreach (var credit in credits.Take(6))
        {
            table.AddRow(
                new Markup(credit.IsOwner ? $"[bold teal]{Markup.Escape(credit.Name)}[/] ✓" : Markup.Escape(credit.Name)),
                new Text(credit.Share.ToString("P1", CultureInfo.InvariantCulture)),
                new Text(Number(credit.Influence)),
                new Text(Number(credit.Span)),
                new Text(credit.Passage.Trim()));
        }

        _console.Write(table);
        _console.MarkupLine("[grey]✓ contributed this fact. The question's words enter no score: only the answer's do.[/]");
    }

    public Task Questions(int count, Func<Action<int>, Task> run) => _console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(context =>
        {
            var task = context.AddTask("questions paid", maxValue: count);
            return run(done => task.Value = done);
        });

    public void Scores(double exactAnswers, DemoOwnerFirst ownerFirst, int questions)
    {
        _console.MarkupLineInterpolated($"Answered word for word: [bold]{exactAnswers:P0}[/] of {questions}.");
        var chart = new BarChart().Width(90).Label("[grey]% of answers whose true contributor is credited most[/]").LeftAlignLabel();
        chart.AddItem("influence", Percent(ownerFirst.Influence), Color.Teal);
        chart.AddItem("span", Percent(ownerFirst.Span), Color.Teal);
        chart.AddItem("combined (pays)", Percent(ownerFirst.Combined), Color.Green);
        chart.AddItem("baseline: question's words", Percent(ownerFirst.PromptOverlap), Color.Grey);
        chart.AddItem("baseline: random", Percent(ownerFirst.Random), Color.Grey);
        _console.Write(chart);
    }

    public void Split(Amount fee, IReadOnlyList<DemoPayment> payments)
    {
        var table = Table("account", "as", "OPEN", "balance before", "balance after");
        foreach (var payment in payments)
        {
            var sign = payment.After < payment.Before ? "−" : "+";
            table.AddRow(payment.Name, payment.Role, sign + payment.Amount, payment.Before.ToString(), payment.After.ToString());
        }

        _console.Write(table);
        _console.MarkupLineInterpolated($"[grey]The lines sum to the fee of {fee} OPEN to the last of 18 decimals.[/]");
    }

    public void Proof(string path, string origin, long index, string root, bool tamperedValid, string tamperedReason)
    {
        _console.MarkupLineInterpolated($"[green]VALID[/]    {path}");
        _console.MarkupLineInterpolated($"         [grey]log  {origin}, entry {index}[/]");
        _console.MarkupLineInterpolated($"         [grey]root {root}[/]");
        _console.MarkupLineInterpolated($"One byte flipped: {(tamperedValid ? "VALID" : "INVALID")} [grey]{tamperedReason}[/]");
    }

    public void Restart(BookSummary before, BookSummary after, bool identical)
    {
        _console.MarkupLineInterpolated($"log root before  [grey]{before.LogRoot}[/] ({before.LogSize} entries)");
        _console.MarkupLineInterpolated($"log root after   [grey]{after.LogRoot}[/] ({after.LogSize} entries)");
        _console.MarkupLine(identical ? "[green]Same balances, same log.[/]" : "[red]Balances or log differ.[/]");
    }

    public void End(DemoReport report)
    {
        _console.WriteLine();
        _console.MarkupLineInterpolated($"[bold]Done in {report.Seconds:F0} s.[/] Try: [teal]openledger verify {report.Receipt}[/]");
    }

    static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]"));
        }

        return table;
    }

    static double Percent(double share) => Math.Round(100 * share, 1);

    static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "F0" : "F2", CultureInfo.InvariantCulture);

    static string Ratio(double value) => "× " + value.ToString("F3", CultureInfo.InvariantCulture);
}
