using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Client;
using OpenLedger.Economy;
using OpenLedger.Grains.Attribution;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger estimate</c> and <c>openledger epoch</c>: what contributors get, and when.</summary>
static class EarningsCommand
{
    /// <summary>Adapters that are looked at.</summary>
    const int AdaptersMax = 1_000;

    public static Command BuildEstimate()
    {
        var (session, json) = (new AccountSession(), CommonOptions.Json());
        var datanet = new Option<string>("--datanet") { Description = "The Datanet's id (dn_…).", Required = true };
        var model = new Option<string?>("--model-id")
        {
            Description = "Base model whose adapters are looked at (md_…); without it, the one that the Datanet is made for.",
        };
        var account = new Option<string?>("--account") { Description = "A contributor's account; without it, a range for somebody new." };
        var command = new Command("estimate", "Estimate what a Datanet pays a contributor, from what it has paid.")
        {
            datanet, model, account, session.Data, session.Key, session.Passphrase, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var id = result.GetRequiredValue(datanet);
            var adapters = await session.Run(result, (client, _) => History(client, id, result.GetValue(model)), cancellationToken);
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var view = EstimateView.Of(id, EarningsEstimate.Of(adapters, result.GetValue(account), now));
            Print(view, result.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }

    public static Command BuildEpoch()
    {
        var (session, json) = (new AccountSession(), CommonOptions.Json());
        var adapter = new Argument<string>("adapter") { Description = "The adapter's id (ad_…)." };
        var settle = new Option<bool>("--settle")
        {
            Description = "End the epoch now and pay; the adapter's owner may. Otherwise it ends by time or by answers.",
        };
        var command = new Command("epoch", "Show what an adapter owes its contributors, or pay it.")
        {
            adapter, settle, session.Data, session.Key, session.Passphrase, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var id = result.GetRequiredValue(adapter);
            var view = await session.Run(
                result,
                async (client, _) =>
                {
                    if (result.GetValue(settle))
                    {
                        await client.SettleEpoch(id, cancellationToken);
                    }

                    return EpochView.Of(await client.GetCredits(id));
                },
                cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(view, EarningsJson.Default.EpochView));
                return ExitCodes.Success;
            }

            Console.WriteLine($"epoch      {view.Epoch} of {view.Adapter}, {view.Answers} answers so far");
            Console.WriteLine($"owed       {view.Owed} OPEN in {view.Pool}, {view.Frozen} of it in dispute");
            foreach (var paid in view.Paid)
            {
                Console.WriteLine($"  epoch {paid.Epoch}, {paid.Ended}: {paid.Answers} answers, {paid.Amount} OPEN to {paid.Contributors}");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    static async Task<List<AdapterEarnings>> History(OpenLedgerClient client, string datanetId, string? modelId)
    {
        var datanet = await client.Datanets.Get(datanetId);
        var model = modelId ?? (datanet.ModelId.Length > 0
            ? datanet.ModelId
            : throw new UserErrorException($"Datanet {datanetId} is made for no one model: name one with --model-id."));
        var earnings = new List<AdapterEarnings>();
        foreach (var adapterId in (await client.GetAdapters(model)).Take(AdaptersMax))
        {
            if ((await client.GetAdapter(adapterId)).Manifest?.DatanetId != datanetId)
            {
                continue;
            }

            var credits = await client.GetCredits(adapterId);
            var totals = await client.GetContributorTotals(adapterId);
            earnings.Add(new AdapterEarnings(
                adapterId,
                credits.FirstSeconds,
                credits.AnswerCount,
                [.. totals.Select(total => new Credit(total.Contributor, total.Amount))]));
        }

        return earnings;
    }

    static void Print(EstimateView view, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, EarningsJson.Default.EstimateView));
            return;
        }

        Console.WriteLine($"history       {view.HistorySeconds} s, {view.Answers} answers, {view.Contributors} contributors credited");
        Console.WriteLine($"credited      {view.Credited} OPEN, {view.PerThousandAnswers} a thousand answers");
        Console.WriteLine(view.PerDay is null
            ? "a day         not said: the history is shorter than an hour"
            : $"a day         {view.PerDay} OPEN to all; to one {view.LowPerDay} (low), {view.MedianPerDay}, {view.HighPerDay} (high)");
        if (view.OwnCredited is not null)
        {
            Console.WriteLine($"this account  {view.OwnCredited} OPEN so far{(view.OwnPerDay is null ? "" : $", {view.OwnPerDay} a day")}");
        }

        Console.WriteLine($"formula       {view.Formula}");
    }
}

sealed record EstimateView(
    string Datanet,
    long HistorySeconds,
    long Answers,
    int Contributors,
    string Credited,
    string PerThousandAnswers,
    string? PerDay,
    string? LowPerDay,
    string? MedianPerDay,
    string? HighPerDay,
    string? OwnCredited,
    string? OwnPerDay,
    string Formula)
{
    public static EstimateView Of(string datanet, EarningsEstimate estimate) => new(
        datanet,
        estimate.HistorySeconds,
        estimate.AnswerCount,
        estimate.ContributorCount,
        estimate.CreditedSum.ToString(),
        estimate.PerThousandAnswers.ToString(),
        estimate.PerDay?.ToString(),
        estimate.LowPerDay?.ToString(),
        estimate.MedianPerDay?.ToString(),
        estimate.HighPerDay?.ToString(),
        estimate.OwnCredited?.ToString(),
        estimate.OwnPerDay?.ToString(),
        EarningsEstimate.Formula);
}

sealed record EpochView(
    string Adapter,
    string Pool,
    long Epoch,
    long Answers,
    string Owed,
    string Frozen,
    string StakersUnpaid,
    IReadOnlyList<PaidEpochView> Paid)
{
    public static EpochView Of(CreditSummary credits) => new(
        credits.AdapterId,
        credits.Pool,
        credits.Epoch,
        credits.EpochAnswerCount,
        credits.Owed.ToString(),
        credits.Frozen.ToString(),
        credits.StakersUnpaid.ToString(),
        [
            .. credits.Epochs.Select(epoch => new PaidEpochView(
                epoch.Epoch, GovernanceOutput.Time(epoch.EndedSeconds * 1_000), epoch.AnswerCount, epoch.PaidCount, epoch.Paid.ToString())),
        ]);
}

sealed record PaidEpochView(long Epoch, string Ended, long Answers, int Contributors, string Amount);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EstimateView))]
[JsonSerializable(typeof(EpochView))]
sealed partial class EarningsJson : JsonSerializerContext;
