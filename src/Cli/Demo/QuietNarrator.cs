using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Cli.Demo;

/// <summary>One plain line a stage on standard error, so that standard output holds nothing but the JSON object.</summary>
sealed class QuietNarrator : IDemoNarrator
{
    const int QuestionsBetweenLines = 10;

    readonly TextWriter _log;
    double _progressNext;

    public QuietNarrator(TextWriter log) => _log = log;

    public void Begin(DemoOptions options, string engine) => _log.WriteLine($"engine {engine}, data folder {options.DataFolder}");

    public void Stage(string title, string explanation) => _log.WriteLine($"{title}: {explanation}");

    public void Note(string text) => _log.WriteLine(text);

    public void Contributions(IReadOnlyList<(string Name, int Rows)> contributions) =>
        _log.WriteLine($"{contributions.Count} contributions with {contributions.Sum(each => each.Rows)} rows accepted");

    public Task Training(Func<Action<TrainingStatus, IReadOnlyList<TrainingPoint>>, Task> run) => run((status, points) =>
    {
        var progress = status.StepCount == 0 ? 0 : (double)status.Step / status.StepCount;
        if (points.Count > 0 && progress >= _progressNext)
        {
            _progressNext = progress + 0.1;
            _log.WriteLine(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"  step {status.Step} of {status.StepCount}, loss {points[^1].Loss:F3}, {points[^1].TokensPerSecond:F0} tokens/s"));
        }
    });

    public void Evaluation(TrainingEvaluation evaluation)
    {
    }

    public void Answers(DemoQuestion question, string baseAnswer, string adapterAnswer)
    {
    }

    public void Credits(IReadOnlyList<DemoCredit> credits)
    {
    }

    public Task Questions(int count, Func<Action<int>, Task> run) => run(done =>
    {
        if (done % QuestionsBetweenLines == 0)
        {
            _log.WriteLine($"  {done} of {count} questions");
        }
    });

    public void Scores(double exactAnswers, DemoOwnerFirst ownerFirst, int questions)
    {
    }

    public void Split(Amount fee, IReadOnlyList<DemoPayment> payments)
    {
    }

    public void Proof(string path, string origin, long index, string root, bool tamperedValid, string tamperedReason)
    {
    }

    public void Restart(BookSummary before, BookSummary after, bool identical)
    {
    }

    public void End(DemoReport report) => _log.WriteLine("done");
}
