using System.Globalization;

namespace OpenLedger.Economy;

/// <summary>
/// Every governed parameter by name: how it reads, and how a text becomes a value of its type. A member of
/// <see cref="NetworkParameters"/> without a line here is one that no proposal can change; a test sees to it that there is none.
/// </summary>
public static class ParameterTable
{
    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<ParameterDefinition> All { get; } =
    [
        new("fee-split", nameof(NetworkParameters.FeeSplit), "basis points: platform/owner/stakers/contributors", FeeSplitText,
            (parameters, text) => parameters with { FeeSplit = ReadFeeSplit(text) }),
        new("pricing", nameof(NetworkParameters.Pricing), "OPEN a token: prompt/completion", PricingText,
            (parameters, text) => parameters with { Pricing = ReadPricing(text) }),
        Whole("epoch-seconds", nameof(NetworkParameters.EpochSeconds), "seconds", each => each.EpochSeconds,
            (each, value) => each with { EpochSeconds = value }),
        Whole("epoch-answer-count", nameof(NetworkParameters.EpochAnswerCount), "answers", each => each.EpochAnswerCount,
            (each, value) => each with { EpochAnswerCount = value }),
        Money("dust-threshold", nameof(NetworkParameters.DustThreshold), each => each.DustThreshold,
            (each, value) => each with { DustThreshold = value }),
        Money("stake-minimum", nameof(NetworkParameters.StakeMinimum), each => each.StakeMinimum,
            (each, value) => each with { StakeMinimum = value }),
        Whole("unbonding-seconds", nameof(NetworkParameters.UnbondingSeconds), "seconds", each => each.UnbondingSeconds,
            (each, value) => each with { UnbondingSeconds = value }),
        Part("slash-spam", nameof(NetworkParameters.SlashSpam), BasisPoints, each => each.SlashSpam,
            (each, value) => each with { SlashSpam = value }),
        Part("slash-harm", nameof(NetworkParameters.SlashHarm), BasisPoints, each => each.SlashHarm,
            (each, value) => each with { SlashHarm = value }),
        Part("slash-fraud", nameof(NetworkParameters.SlashFraud), BasisPoints, each => each.SlashFraud,
            (each, value) => each with { SlashFraud = value }),
        Money("dispute-bond", nameof(NetworkParameters.DisputeBond), each => each.DisputeBond,
            (each, value) => each with { DisputeBond = value }),
        Whole("dispute-window-seconds", nameof(NetworkParameters.DisputeWindowSeconds), "seconds", each => each.DisputeWindowSeconds,
            (each, value) => each with { DisputeWindowSeconds = value }),
        Part("royalty-default", nameof(NetworkParameters.RoyaltyDefault), BasisPoints, each => each.RoyaltyDefault,
            (each, value) => each with { RoyaltyDefault = value }),
        Part("attribution-influence", nameof(NetworkParameters.AttributionInfluence), Millionths, each => each.AttributionInfluence,
            (each, value) => each with { AttributionInfluence = value }),
        Part("attribution-span", nameof(NetworkParameters.AttributionSpan), Millionths, each => each.AttributionSpan,
            (each, value) => each with { AttributionSpan = value }),
        Part("attribution-retrieval", nameof(NetworkParameters.AttributionRetrieval), Millionths, each => each.AttributionRetrieval,
            (each, value) => each with { AttributionRetrieval = value }),
        Whole("attribution-threshold", nameof(NetworkParameters.AttributionThreshold), Millionths, each => each.AttributionThreshold,
            (each, value) => each with { AttributionThreshold = value }),
        Money("emission-per-epoch", nameof(NetworkParameters.EmissionPerEpoch), each => each.EmissionPerEpoch,
            (each, value) => each with { EmissionPerEpoch = value }),
        Money("emission-total-max", nameof(NetworkParameters.EmissionTotalMax), each => each.EmissionTotalMax,
            (each, value) => each with { EmissionTotalMax = value }),
        Money("treasury-burn-total", nameof(NetworkParameters.TreasuryBurnTotal), each => each.TreasuryBurnTotal,
            (each, value) => each with { TreasuryBurnTotal = value }),
        Money("proposal-threshold", nameof(NetworkParameters.ProposalThreshold), each => each.ProposalThreshold,
            (each, value) => each with { ProposalThreshold = value }),
        Whole("voting-delay-ms", nameof(NetworkParameters.VotingDelayMs), Milliseconds, each => each.VotingDelayMs,
            (each, value) => each with { VotingDelayMs = value }),
        Whole("voting-period-ms", nameof(NetworkParameters.VotingPeriodMs), Milliseconds, each => each.VotingPeriodMs,
            (each, value) => each with { VotingPeriodMs = value }),
        Part("quorum-share", nameof(NetworkParameters.QuorumShare), BasisPoints, each => each.QuorumShare,
            (each, value) => each with { QuorumShare = value }),
        Whole("timelock-ms", nameof(NetworkParameters.TimelockMs), Milliseconds, each => each.TimelockMs,
            (each, value) => each with { TimelockMs = value }),
        Whole("grace-ms", nameof(NetworkParameters.GraceMs), Milliseconds, each => each.GraceMs,
            (each, value) => each with { GraceMs = value }),
        new("guardian", nameof(NetworkParameters.Guardian), "account, or none",
            parameters => parameters.Guardian.Length == 0 ? None : parameters.Guardian,
            (parameters, text) => parameters with { Guardian = ReadGuardian(text) }),
    ];

    const string None = "none";
    const string BasisPoints = "basis points";
    const string Millionths = "millionths";
    const string Milliseconds = "milliseconds";

    static readonly Dictionary<string, ParameterDefinition> byName = All.ToDictionary(each => each.Name, StringComparer.Ordinal);

    /// <exception cref="ParameterException">There is none of this name.</exception>
    public static ParameterDefinition Find(string name) => byName.TryGetValue(name, out var found)
        ? found
        : throw new ParameterException($"there is no governed parameter '{name}'; there are {string.Join(", ", byName.Keys)}");

    /// <summary>Whether this version of the program knows the parameter.</summary>
    public static bool Knows(string name) => byName.ContainsKey(name);

    static ParameterDefinition Whole(
        string name,
        string member,
        string unit,
        Func<NetworkParameters, long> read,
        Func<NetworkParameters, long, NetworkParameters> write) =>
        new(name, member, unit, parameters => read(parameters).ToString(CultureInfo.InvariantCulture),
            (parameters, text) => write(parameters, ReadWhole(name, unit, text)));

    static ParameterDefinition Part(
        string name,
        string member,
        string unit,
        Func<NetworkParameters, int> read,
        Func<NetworkParameters, int, NetworkParameters> write) =>
        Whole(name, member, unit, parameters => read(parameters), (parameters, value) => write(
            parameters, value <= int.MaxValue ? (int)value : throw new ParameterException($"{name}: {value} {unit} are too many")));

    static ParameterDefinition Money(
        string name, string member, Func<NetworkParameters, Amount> read, Func<NetworkParameters, Amount, NetworkParameters> write) =>
        new(name, member, "OPEN", parameters => read(parameters).ToString(), (parameters, text) => write(parameters, Amount.Parse(text)));

    static long ReadWhole(string name, string unit, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new ParameterException($"{name} is a whole number of {unit}, which '{Shown(text)}' is not");

    static string FeeSplitText(NetworkParameters parameters)
    {
        var split = parameters.FeeSplit;
        return string.Create(CultureInfo.InvariantCulture, $"{split.Platform}/{split.Owner}/{split.Stakers}/{split.Contributors}");
    }

    static FeeSplit ReadFeeSplit(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 4
            ? new FeeSplit(PartOf(parts[0]), PartOf(parts[1]), PartOf(parts[2]), PartOf(parts[3]))
            : throw new ParameterException(
                $"fee-split is four numbers of basis points like 1000/2000/2000/5000 for platform, owner, stakers and contributors, "
                + $"which '{Shown(text)}' is not");

        static int PartOf(string part) => (int)Math.Min(int.MaxValue, ReadWhole("a part of fee-split", BasisPoints, part));
    }

    static string PricingText(NetworkParameters parameters) =>
        $"{parameters.Pricing.PromptTokenRate}/{parameters.Pricing.CompletionTokenRate}";

    static Pricing ReadPricing(string text)
    {
        var rates = text.Split('/');
        return rates.Length == 2
            ? new Pricing(Amount.Parse(rates[0]), Amount.Parse(rates[1]))
            : throw new ParameterException(
                $"pricing is two rates in OPEN like 0.0001/0.0004 for a token of prompt and of answer, which '{Shown(text)}' is not");
    }

    static string ReadGuardian(string text) => text == None ? "" : AccountAddress.TryParse(text, out _)
        ? text
        : throw new ParameterException($"guardian is an account's address or none, which '{Shown(text)}' is not");

    static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}

/// <summary>One governed parameter.</summary>
/// <param name="Name">Lower-case words with hyphens, as proposals and commands name it.</param>
/// <param name="Member">The member of <see cref="NetworkParameters"/>.</param>
/// <param name="Unit">What its text counts.</param>
/// <param name="Read">Its canonical text.</param>
/// <param name="Write">The parameters with the text's value; throws <see cref="UserErrorException"/> where it is none of its type.</param>
public sealed record ParameterDefinition(
    string Name,
    string Member,
    string Unit,
    Func<NetworkParameters, string> Read,
    Func<NetworkParameters, string, NetworkParameters> Write);
