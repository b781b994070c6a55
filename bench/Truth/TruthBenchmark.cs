using System.Diagnostics;
using System.Globalization;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Bench.Samples;
using OpenLedger.Datanets;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Training;
using OpenLedger.Inference;
using OpenLedger.Training;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Bench.Truth;

/// <summary>Trains with everybody, then once without each contributor, and compares how likely the served answers are.</summary>
sealed class TruthBenchmark
{
    /// <summary>Share of the questions whose credited contributor must matter most.</summary>
    const double HoldingShareMin = 0.8;

    readonly TruthSettings _settings;
    readonly Sample _sample;
    readonly IReadOnlyList<DatanetRow> _questions;

    /// <exception cref="UserErrorException">The sample has too few facts of exactly one contributor.</exception>
    public TruthBenchmark(TruthSettings settings, Sample sample)
    {
        _settings = settings;
        _sample = sample;
        var candidates = sample.Questions().ToList();
        if (candidates.Count < settings.QuestionCount || sample.Contributors.Count < 2)
        {
            throw new UserErrorException(
                $"The sample holds {candidates.Count} facts of exactly one of {sample.Contributors.Count} contributors; "
                + $"{settings.QuestionCount} questions were asked for.");
        }

        StableRandom.For(unchecked((ulong)settings.Seed), "bench/truth").Shuffle(candidates);
        _questions = candidates[..settings.QuestionCount];
    }

    public BenchReport Run(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        ProgressLine.Write($"training with all {_sample.Contributors.Count} contributors, {_sample.Rows.Count} rows");
        using var network = new TrainedNetwork(_settings, _sample, cancellationToken);
        var served = _questions.Select(network.Serve).ToList();
        ProgressLine.Write($"trained and attributed after {ProgressLine.Duration(clock.Elapsed)}");
        var drops = Retrain(network, served, cancellationToken);
        var outcomes = served.Select((question, index) => new LeaveOneOut(question, drops[index])).ToList();
        foreach (var outcome in outcomes)
        {
            ProgressLine.Write(Line(outcome));
        }

        return Report(outcomes, network.Evaluation, clock.Elapsed);
    }

    /// <summary>For each question, the drop of its answer's log-likelihood without each contributor.</summary>
    List<Dictionary<string, double>> Retrain(
        TrainedNetwork network, IReadOnlyList<ServedQuestion> served, CancellationToken cancellationToken)
    {
        var drops = served.Select(_ => new Dictionary<string, double>(StringComparer.Ordinal)).ToList();
        var contributors = _sample.Contributors;
        var options = TrainingRecipe.Options(network.Specification, "bench");
        var answers = served.Select(question => question.Example).ToList();
        using var pool = new ComputePool(0, "bench");
        var clock = Stopwatch.StartNew();
        for (var index = 0; index < contributors.Count; index++)
        {
            var rows = _sample.Rows.Where(row => row.Contributor != contributors[index])
                .Select(row => RowTokens.Example(network.Model, row.Row)).ToList();
            var adapter = new LoraTrainer(TimeProvider.System).Train(network.Model.Weights, rows, options, cancellation: cancellationToken);
            var losses = Evaluation.RowLosses(network.Model.Weights, adapter, answers, pool);
            for (var question = 0; question < served.Count; question++)
            {
                drops[question][contributors[index]] = served[question].LogLikelihood + losses[question].NegativeLogLikelihood;
            }

            var left = clock.Elapsed / (index + 1) * (contributors.Count - index - 1);
            ProgressLine.Write(
                $"retrained {index + 1} of {contributors.Count}, without {contributors[index]}; about {ProgressLine.Duration(left)} left");
        }

        return drops;
    }

    BenchReport Report(IReadOnlyList<LeaveOneOut> outcomes, TrainingEvaluation evaluation, TimeSpan elapsed)
    {
        var figures = new List<Figure>
        {
            new(
                "credited contributor matters most",
                outcomes.Count(outcome => outcome.Holds),
                $"of {outcomes.Count} questions",
                Goal.AtLeast(Math.Ceiling(HoldingShareMin * outcomes.Count))),
            Count("credited contributor holds the fact", each => each.Question.Credited == each.Question.Owner),
            Count("holder of the fact matters most", each => each.Essential == each.Question.Owner),
            Count("answered word for word", each => each.Question.Answer.Trim() == each.Question.Expected.Trim()),
        };
        for (var index = 0; index < outcomes.Count; index++)
        {
            figures.Add(new Figure($"question {index + 1}/drop without the credited", outcomes[index].CreditedDrop, "nats"));
            figures.Add(new Figure($"question {index + 1}/largest drop without another", outcomes[index].LargestOther.Value, "nats"));
        }

        figures.Add(new Figure("perplexity of the rows, base", evaluation.RowsBase, ""));
        figures.Add(new Figure("perplexity of the rows, adapter", evaluation.RowsAdapter, ""));
        figures.Add(new Figure("trainings", 1 + _sample.Contributors.Count, ""));
        figures.Add(new Figure("time", elapsed.TotalSeconds, "s"));
        var details = new DetailTable(
            "questions",
            ["question", "answer", "credited", "holds the fact", "drop without it", "largest other drop", "holds"],
            [.. outcomes.Select(Cells)]);
        return new BenchReport("truth", figures, [details]);

        Figure Count(string name, Predicate<LeaveOneOut> counts) => new(name, outcomes.Count(each => counts(each)), "questions");
    }

    static string[] Cells(LeaveOneOut outcome) =>
    [
        outcome.Question.Prompt.ReplaceLineEndings(" "),
        outcome.Question.Answer.Trim(),
        outcome.Question.Credited ?? "nobody",
        outcome.Question.Owner,
        Nats(outcome.CreditedDrop),
        $"{Nats(outcome.LargestOther.Value)} ({outcome.LargestOther.Key})",
        outcome.Holds ? "yes" : "NO",
    ];

    static string Line(LeaveOneOut outcome) => string.Join(" | ", Cells(outcome));

    static string Nats(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
