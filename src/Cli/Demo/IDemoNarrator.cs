using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Cli.Demo;

/// <summary>Tells whoever watches what is happening. One tells it to a person at a terminal, one to a log beside <c>--json</c>.</summary>
interface IDemoNarrator
{
    void Begin(DemoOptions options, string engine);

    /// <summary>A stage begins: one short sentence.</summary>
    void Stage(string title, string explanation);

    void Note(string text);

    /// <summary>Contributions as they were accepted: name, rows.</summary>
    void Contributions(IReadOnlyList<(string Name, int Rows)> contributions);

    /// <summary>Shows the loss curve while the function runs and reports points.</summary>
    Task Training(Func<Action<TrainingStatus, IReadOnlyList<TrainingPoint>>, Task> run);

    void Evaluation(TrainingEvaluation evaluation);

    /// <summary>The same question to the base and to the adapter.</summary>
    void Answers(DemoQuestion question, string baseAnswer, string adapterAnswer);

    void Credits(IReadOnlyList<DemoCredit> credits);

    /// <summary>Runs the questions, reporting how many are done.</summary>
    Task Questions(int count, Func<Action<int>, Task> run);

    void Scores(double exactAnswers, DemoOwnerFirst ownerFirst, int questions);

    void Split(Amount fee, IReadOnlyList<DemoPayment> payments);

    void Proof(string path, string origin, long index, string root, bool tamperedValid, string tamperedReason);

    void Restart(BookSummary before, BookSummary after, bool identical);

    void End(DemoReport report);
}

/// <summary>A credited contributor, and the passage of its rows that the answer repeats.</summary>
/// <param name="Share">Part of the contributors' part, 0 to 1, for display.</param>
sealed record DemoCredit(string Name, double Share, double Influence, double Span, string Passage, bool IsOwner);

/// <summary>One line of the split with the balances around it.</summary>
sealed record DemoPayment(string Name, string Role, Amount Amount, Amount Before, Amount After);
