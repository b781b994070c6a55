using OpenLedger.Client;
using OpenLedger.Economy;
using OpenLedger.Grains.Inference;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>The answer that the demo follows from question to payment.</summary>
sealed record DemoFeatureResult(string ReceiptId, Amount Fee, IReadOnlyList<SettlementLine> Lines);

/// <summary>Asks one question of the base and of the adapter, and shows who is paid for the adapter's answer.</summary>
sealed class DemoFeature
{
    readonly OpenLedgerClient _client;
    readonly DemoNetwork _network;
    readonly IDemoNarrator _narrator;
    readonly string _modelId;
    readonly Func<string, DemoNetwork, string, string, InferenceRequest> _request;

    public DemoFeature(
        OpenLedgerClient client,
        DemoNetwork network,
        IDemoNarrator narrator,
        string modelId,
        Func<string, DemoNetwork, string, string, InferenceRequest> request)
    {
        _client = client;
        _network = network;
        _narrator = narrator;
        _modelId = modelId;
        _request = request;
    }

    public async Task<DemoFeatureResult> Run(DemoQuestion question, CancellationToken cancellationToken)
    {
        var plain = await _client.Complete(_request("base", _network, _modelId, question.Prompt), cancellationToken);
        var before = await _network.Balances();
        var owedBefore = await Owed();
        var answer = await _client.Complete(_request("featured", _network, _network.AdapterId, question.Prompt), cancellationToken);
        var after = await _network.Balances();
        var owedAfter = await Owed();
        _narrator.Answers(question, plain.Text.Trim(), answer.Text.Trim());
        _narrator.Credits(Credits(question, answer.Settlement));

        var settlement = answer.Settlement;
        var payments = settlement.Lines
            .Select(line => Payment(line.Account, line.Role, line.Amount))
            .Prepend(Payment(_network.Caller, "pays the fee", settlement.Fee));
        _narrator.Split(settlement.Fee, [.. payments]);
        return new DemoFeatureResult(settlement.ReceiptId, settlement.Fee, settlement.Lines);

        // A contributor's line accrues, and is paid when the epoch ends: what changes now is what is owed.
        DemoPayment Payment(string account, string role, Amount amount) => role == SplitRole.Contributor.Name()
            ? new(_network.Names[account], "accrues", amount, owedBefore.GetValueOrDefault(account), owedAfter.GetValueOrDefault(account))
            : new(_network.Names[account], role, amount, before[account].Available, after[account].Available);

        async Task<Dictionary<string, Amount>> Owed() => (await _client.GetContributorTotals(_network.AdapterId))
            .ToDictionary(total => total.Contributor, total => total.Unpaid, StringComparer.Ordinal);
    }

    List<DemoCredit> Credits(DemoQuestion question, Settlement settlement)
    {
        if (settlement.Attribution is not { } attribution)
        {
            return [];
        }

        var owner = _network.Contributors[question.Owner].Address;
        var total = attribution.Contributors.Sum(each => (double)each.Credit);
        return
        [
            .. attribution.Contributors.Where(each => each.Credit > 0).OrderByDescending(each => each.Credit).Select(each => new DemoCredit(
                _network.Names[each.Contributor],
                each.Credit / total,
                each.Influence,
                each.Span,
                attribution.Credits
                    .FirstOrDefault(credit => credit.Contributor == each.Contributor && credit.Passage.Length > 0)?.Passage ?? "",
                each.Contributor == owner)),
        ];
    }
}
