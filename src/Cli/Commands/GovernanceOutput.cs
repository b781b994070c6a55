using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Grains.Governance;

namespace OpenLedger.Cli.Commands;

/// <summary>What <c>openledger governance</c> prints: text for people, one JSON object with <c>--json</c>.</summary>
static class GovernanceOutput
{
    public static void Print(GovernedParameters parameters, bool json)
    {
        if (json)
        {
            var view = new ParametersView(
                parameters.Version, parameters.Values.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal));
            Console.WriteLine(JsonSerializer.Serialize(view, GovernanceJson.Default.ParametersView));
            return;
        }

        Console.WriteLine($"version {parameters.Version}");
        foreach (var each in parameters.Values)
        {
            Console.WriteLine($"{each.Name,-24} {each.Value}  ({each.Unit})");
        }
    }

    public static void Print(VotingPowerCard power, bool json)
    {
        var view = new PowerView(
            power.Account, power.Locked.ToString(), power.Delegate, power.Votes.ToString(), power.Supply.ToString());
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, GovernanceJson.Default.PowerView));
            return;
        }

        Console.WriteLine($"account   {view.Account}");
        Console.WriteLine($"locked    {view.Locked} OPEN");
        Console.WriteLine($"delegate  {(view.Delegate.Length == 0 ? "nobody" : view.Delegate)}");
        Console.WriteLine($"votes     {view.Votes} of {view.Supply}");
    }

    public static void Print(VoteCard vote, bool json)
    {
        var view = new VoteView(vote.ProposalId, vote.Account, Word(vote.Choice), vote.Weight.ToString());
        Console.WriteLine(json
            ? JsonSerializer.Serialize(view, GovernanceJson.Default.VoteView)
            : $"{view.Account} voted {view.Choice} with {view.Weight} votes");
    }

    public static void Print(ProposalCard proposal, bool json, string description = "")
    {
        var view = ProposalView.Of(proposal, description);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, GovernanceJson.Default.ProposalView));
            return;
        }

        Console.WriteLine($"proposal  {view.Id}  {view.State}");
        Console.WriteLine($"title     {view.Title}");
        if (description.Length > 0)
        {
            Console.WriteLine($"          {description}");
        }

        Console.WriteLine($"proposer  {view.Proposer}");
        Console.WriteLine($"voting    {view.VotingBegins} to {view.VotingEnds}");
        if (view.ExecutableFrom.Length > 0)
        {
            Console.WriteLine($"timelock  executable from {view.ExecutableFrom} until {view.Expires}");
        }

        Console.WriteLine($"votes     for {view.For}, against {view.Against}, abstain {view.Abstain}, of {view.Voters} voters");
        Console.WriteLine(proposal.Supply.IsZero ? "quorum    known when voting has ended" : $"quorum    {view.Quorum}");
        foreach (var (name, value) in view.Changes)
        {
            Console.WriteLine($"change    {name} = {value}");
        }

        if (view.Changes.Count == 0)
        {
            Console.WriteLine("change    none: a signal");
        }
    }

    public static void Print(ProposalPage page, bool json)
    {
        if (json)
        {
            var view = new PageView(page.Total, [.. page.Proposals.Select(each => ProposalView.Of(each, ""))]);
            Console.WriteLine(JsonSerializer.Serialize(view, GovernanceJson.Default.PageView));
            return;
        }

        foreach (var proposal in page.Proposals)
        {
            Console.WriteLine($"{proposal.Id}  {Word(proposal.State),-9}  {proposal.Title}");
        }

        Console.WriteLine($"{page.Proposals.Count} of {page.Total}");
    }

    internal static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    internal static string Time(long milliseconds) => milliseconds == 0
        ? ""
        : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

sealed record ParametersView(long Version, IReadOnlyDictionary<string, string> Parameters);

sealed record PowerView(string Account, string Locked, string Delegate, string Votes, string Supply);

sealed record VoteView(string Proposal, string Account, string Choice, string Weight);

sealed record PageView(int Total, IReadOnlyList<ProposalView> Proposals);

sealed record ProposalView(
    string Id,
    string State,
    string Title,
    string Description,
    string Proposer,
    string VotingBegins,
    string VotingEnds,
    string ExecutableFrom,
    string Expires,
    string For,
    string Against,
    string Abstain,
    int Voters,
    string Quorum,
    IReadOnlyDictionary<string, string> Changes)
{
    public static ProposalView Of(ProposalCard card, string description) => new(
        card.Id,
        GovernanceOutput.Word(card.State),
        card.Title,
        description,
        card.Proposer,
        GovernanceOutput.Time(card.SnapshotMs),
        GovernanceOutput.Time(card.DeadlineMs),
        GovernanceOutput.Time(card.EtaMs),
        GovernanceOutput.Time(card.ExpiryMs),
        card.Votes.For.ToString(),
        card.Votes.Against.ToString(),
        card.Votes.Abstain.ToString(),
        card.Votes.VoterCount,
        card.Quorum.ToString(),
        card.Changes.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ParametersView))]
[JsonSerializable(typeof(PowerView))]
[JsonSerializable(typeof(VoteView))]
[JsonSerializable(typeof(PageView))]
[JsonSerializable(typeof(ProposalView))]
sealed partial class GovernanceJson : JsonSerializerContext;
