using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenLedger.Cli.Demo;

/// <summary>What the demo found; <c>--json</c> prints it as one object.</summary>
sealed record DemoReport
{
    public required double Seconds { get; init; }

    public required string Engine { get; init; }

    public required string Datanet { get; init; }

    public required DemoTraining Training { get; init; }

    public required int Questions { get; init; }

    /// <summary>Share of the questions answered word for word.</summary>
    public required double ExactAnswers { get; init; }

    public required DemoOwnerFirst OwnerFirst { get; init; }

    public required string Fee { get; init; }

    public required IReadOnlyList<DemoSplitLine> Split { get; init; }

    public required bool Conserved { get; init; }

    public required string Receipt { get; init; }

    public required bool ReceiptValid { get; init; }

    public required bool TamperedReceiptValid { get; init; }

    public required bool RestartIdentical { get; init; }

    /// <summary>Requests that were signed, and what became of a forged one.</summary>
    public required DemoSignatures Signatures { get; init; }

    /// <summary>The vote on the fee split, and whether the next answer followed it.</summary>
    public required DemoVote Governance { get; init; }

    /// <summary>Stakes, and the epoch that paid contributors and stakers.</summary>
    public required DemoStakingResult Staking { get; init; }

    public required string LogRoot { get; init; }

    public required long LogSize { get; init; }

    public required double GenerationTokensPerSecond { get; init; }

    public required double AttributionMillisecondsMedian { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, DemoJson.Default.DemoReport);
}

sealed record DemoTraining(
    int Rows,
    int Steps,
    double Seconds,
    double TokensPerSecond,
    double LossFirst,
    double LossLast,
    double PerplexityRowsBase,
    double PerplexityRowsAdapter,
    double PerplexityHeldOutBase,
    double PerplexityHeldOutAdapter);

/// <summary>Share of served answers whose true contributor is credited most, by signal, beside two baselines.</summary>
/// <param name="PromptOverlap">Reads the question instead of the answer: what knowing the asked term alone would give.</param>
sealed record DemoOwnerFirst(double Influence, double Span, double Combined, double Random, double PromptOverlap);

sealed record DemoSplitLine(string Account, string Role, string Amount);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DemoReport))]
sealed partial class DemoJson : JsonSerializerContext;
