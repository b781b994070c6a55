using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Client;
using OpenLedger.Grains.Staking;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger dispute</c>: accusations with a bond, answers, votes, outcomes.</summary>
static class DisputeCommand
{
    public static Command Build() => new("dispute", "Dispute a stake or credit: accuse, answer, appeal, vote, conclude.")
    {
        Open(),
        Answer(),
        Step("appeal", "Call the stakers to vote; who would lose may.", (client, id, step) => client.Staking.AppealDispute(id, step)),
        Vote(),
        Step("take-back", "Take an accusation back.", (client, id, step) => client.Staking.TakeDisputeBack(id, step)),
        Step("conclude", "Carry out how it ended.", (client, id, step) => client.Staking.ConcludeDispute(id, step)),
        Show(),
    };

    static Command Open()
    {
        var id = Id();
        var accused = new Argument<string>("accused") { Description = "The accused's account." };
        var reason = new Argument<DisputeReason>("reason") { Description = "spam, harm or fraud." };
        var evidence = new Option<string>("--evidence") { Description = "A file; its SHA-256 is recorded. Keep it.", Required = true };
        var pool = new Option<string?>("--pool") { Description = "Pool with the accused's stake: network, ad_… or dn_…." };
        var adapter = new Option<string?>("--adapter") { Description = "Adapter that owes the accused credit." };
        var receipt = new Option<string?>("--receipt") { Description = "Only the credit of this receipt." };
        var row = new Option<string?>("--row") { Description = "Only the credit of this row on the receipt." };
        var owner = new Option<string?>("--owner") { Description = "Account that the credit belongs to; without it, the reserve." };
        var bond = new Option<string>("--bond") { Description = "The most to deposit, in OPEN.", DefaultValueFactory = _ => "10" };
        var (session, json) = (new AccountSession(), CommonOptions.Json());
        var command = new Command("open", "Accuse somebody, with evidence and a bond.")
        {
            id, accused, reason, evidence, pool, adapter, receipt, row, owner, bond, session.Data, session.Key, session.Passphrase, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var hash = await HashOf(result.GetRequiredValue(evidence), cancellationToken);
            var bondMax = Amount.Parse(result.GetRequiredValue(bond));
            var card = await session.Run(
                result,
                (client, account) => client.Staking.OpenDispute(
                    result.GetRequiredValue(id),
                    new OpenDispute(
                        account,
                        result.GetRequiredValue(accused),
                        result.GetRequiredValue(reason),
                        hash,
                        result.GetValue(pool) is { } name ? StakingCommand.PoolId(name) : "",
                        result.GetValue(adapter) ?? "",
                        result.GetValue(receipt) ?? "",
                        result.GetValue(row) ?? "",
                        result.GetValue(owner) ?? ""),
                    bondMax),
                cancellationToken);
            return Print(card, result.GetValue(json));
        });
        return command;
    }

    static Command Answer()
    {
        var (id, session, json) = (Id(), new AccountSession(), CommonOptions.Json());
        var answer = new Option<string>("--answer") { Description = "A file; its SHA-256 is recorded. Keep it.", Required = true };
        var command = new Command("answer", "Answer an accusation.") { id, answer, session.Data, session.Key, session.Passphrase, json };
        command.SetAction(async (result, cancellationToken) =>
        {
            var hash = await HashOf(result.GetRequiredValue(answer), cancellationToken);
            var card = await session.Run(
                result,
                (client, account) => client.Staking.AnswerDispute(result.GetRequiredValue(id), new DisputeAnswer(account, hash)),
                cancellationToken);
            return Print(card, result.GetValue(json));
        });
        return command;
    }

    static Command Vote()
    {
        var (id, session, json) = (Id(), new AccountSession(), CommonOptions.Json());
        var vote = new Argument<string>("vote") { Description = "uphold or reject." };
        vote.AcceptOnlyFromAmong("uphold", "reject");
        var command = new Command("vote", "Vote with the stake in the network pool.")
        {
            id, vote, session.Data, session.Key, session.Passphrase, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var uphold = result.GetRequiredValue(vote) == "uphold";
            var card = await session.Run(
                result,
                (client, account) => client.Staking.VoteOnDispute(result.GetRequiredValue(id), new DisputeVote(account, uphold)),
                cancellationToken);
            return Print(card, result.GetValue(json));
        });
        return command;
    }

    static Command Step(string name, string description, Func<OpenLedgerClient, string, DisputeStep, Task<DisputeCard>> act)
    {
        var (id, session, json) = (Id(), new AccountSession(), CommonOptions.Json());
        var command = new Command(name, description) { id, session.Data, session.Key, session.Passphrase, json };
        command.SetAction(async (result, cancellationToken) => Print(
            await session.Run(
                result,
                (client, account) => act(client, result.GetRequiredValue(id), new DisputeStep(account)),
                cancellationToken),
            result.GetValue(json)));
        return command;
    }

    static Command Show()
    {
        var (id, session, json) = (Id(), new AccountSession(), CommonOptions.Json());
        var command = new Command("show", "Show a dispute.") { id, session.Data, session.Key, session.Passphrase, json };
        command.SetAction(async (result, cancellationToken) => Print(
            await session.Run(
                result,
                (client, _) => client.Staking.GetDispute(result.GetRequiredValue(id)),
                cancellationToken),
            result.GetValue(json)));
        return command;
    }

    static Argument<string> Id() => new("id") { Description = "The dispute's id, ds_ and a name." };

    static async Task<string> HashOf(string path, CancellationToken cancellationToken) => File.Exists(path)
        ? ContentHash.Of(await File.ReadAllBytesAsync(path, cancellationToken)).ToString()
        : throw new UserErrorException($"There is no file '{path}'.");

    static int Print(DisputeCard card, bool json)
    {
        var view = DisputeView.Of(card);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, DisputeJson.Default.DisputeView));
            return ExitCodes.Success;
        }

        Console.WriteLine($"dispute    {view.Id}: {view.Stage}, until {view.Deadline}");
        Console.WriteLine($"challenger {view.Challenger}, bond {view.Bond} OPEN");
        Console.WriteLine($"accused    {view.Accused} of {view.Reason}, evidence {view.Evidence}");
        Console.WriteLine($"frozen     {view.FrozenCredit} OPEN of credit; stake {(view.Pool.Length == 0 ? "none" : view.Pool)}");
        Console.WriteLine($"votes      {view.Uphold} uphold, {view.Reject} reject, {view.Voters} voters");
        if (view.Concluded)
        {
            Console.WriteLine($"concluded  {view.Slashed} OPEN slashed, {view.Forfeited} OPEN of credit forfeited");
        }

        return ExitCodes.Success;
    }
}

sealed record DisputeView(
    string Id,
    string Stage,
    string Deadline,
    string Challenger,
    string Accused,
    string Reason,
    string Evidence,
    string Answer,
    string Pool,
    string Adapter,
    string Receipt,
    string Bond,
    int SlashBasisPoints,
    string FrozenCredit,
    string Uphold,
    string Reject,
    int Voters,
    bool Concluded,
    string Slashed,
    string Forfeited)
{
    public static DisputeView Of(DisputeCard card) => new(
        card.Id,
        card.Stage,
        GovernanceOutput.Time(card.DeadlineSeconds * 1_000),
        card.Dispute.Challenger,
        card.Dispute.Accused,
        card.Dispute.Reason.ToString().ToLowerInvariant(),
        card.Dispute.EvidenceHash,
        card.AnswerHash,
        card.Dispute.PoolId,
        card.Dispute.AdapterId,
        card.Dispute.ReceiptId,
        card.Bond.ToString(),
        card.SlashBasisPoints,
        card.FrozenCredit.ToString(),
        card.Uphold.ToString(),
        card.Reject.ToString(),
        card.VoterCount,
        card.Concluded,
        card.Slashed.ToString(),
        card.Forfeited.ToString());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DisputeView))]
sealed partial class DisputeJson : JsonSerializerContext;
