using System.Security.Cryptography;
using System.Text;
using OpenLedger.Economy;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Inference;

/// <summary>
/// Turns a served answer into transfers and a receipt: the fee is posted out of the hold and paid by lines, all or nothing.
/// </summary>
sealed class SettlementDesk
{
    readonly IGrainFactory _grains;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly TimeProvider _clock;
    readonly Repetition _repetition;

    public SettlementDesk(IGrainFactory grains, NetworkLedger ledger, NetworkAuthority network, TimeProvider clock)
    {
        _grains = grains;
        _ledger = ledger;
        _network = network;
        _clock = clock;
        _repetition = new Repetition(clock);
    }

    /// <summary>The receipt's id follows from the request's, so a repetition finds the same receipt.</summary>
    public static string ReceiptId(InferenceRequest request) => $"rc_{TransferId.From($"{Key(request)}/receipt")}";

    /// <summary>What all ids of a request's money are made from: nobody can use up another payer's request ids.</summary>
    public static string Key(InferenceRequest request) => $"{request.Payer}/{request.RequestId}";

    /// <summary>Announces a receipt to whoever adds its credits up. Nothing is settled that was not announced.</summary>
    public Task Expect(string adapterId, InferenceRequest request, TransferOrder hold)
    {
        var receipt = new ExpectedReceipt(ReceiptId(request), hold.Id);
        return _repetition.Run(() => _grains.GetGrain<IAttributionGrain>(adapterId).Expect(
            receipt, _network.Authorize<IAttributionGrain>(adapterId, nameof(IAttributionGrain.Expect), RequestBody.Of(receipt))));
    }

    /// <summary>
    /// Hands a settled answer's credits over. Should it fail for good, nothing is lost: the receipt was announced, and is looked for.
    /// </summary>
    public async Task Accumulate(string adapterId, Settlement settlement)
    {
        var credit = new SettledCredit(
            settlement.ReceiptId,
            [
                .. settlement.Lines.Where(line => line.Role == SplitRole.Contributor.Name())
                    .Select(line => new ContributorPayment(line.Account, line.Amount)),
            ],
            Amount.Sum(settlement.Lines.Where(line => line.Role == SplitRole.Stakers.Name()).Select(line => line.Amount)));
        try
        {
            await _repetition.Run(() => _grains.GetGrain<IAttributionGrain>(adapterId).Accumulate(
                credit, _network.Authorize<IAttributionGrain>(adapterId, nameof(IAttributionGrain.Accumulate), RequestBody.Of(credit))));
        }
        catch (Exception exception) when (Repetition.IsPassing(exception))
        {
            // The answer is settled all the same.
        }
    }

    /// <summary>Settles; when the outcome stays unknown, releasing the hold decides it.</summary>
    public async Task<Settlement> Settle(ServedAnswer served, TransferOrder hold, AttributionResult? attribution)
    {
        var fee = served.Pricing.Fee(served.PromptTokens.Count, served.AnswerTokens.Count);
        var lines = Split(served, fee, attribution);
        var transfers = Transfers(served, hold, fee, lines);
        var salt = RandomNumberGenerator.GetBytes(LogLeaf.SaltSizeBytes);
        var receipt = Receipt(served, fee, lines, transfers, attribution, salt);
        var order = new SettlementOrder(receipt.Id, transfers, receipt.ToBytes(), salt);

        // The answer is served: a book that moves to another silo just now is asked again, and settles a receipt's id once.
        await _repetition.Run(() => _ledger.Settle(order));
        return new Settlement(
            receipt.Id,
            served.PromptTokens.Count,
            served.AnswerTokens.Count,
            fee,
            [.. lines.Select(line => new SettlementLine(line.Account, line.Role.Name(), line.Amount))],
            attribution);
    }

    /// <summary>Gives a hold back. A hold that has been settled or has expired stays as it is.</summary>
    public Task Release(TransferOrder hold) => _repetition.Run(() => _ledger.Transfer(
    [
        new TransferOrder(
            TransferId.From($"{hold.Id}/void").ToString(), TransferKind.VoidPending, hold.Debit, hold.Credit, hold.Amount, hold.Id),
    ]));

    static IReadOnlyList<SplitLine> Split(ServedAnswer served, Amount fee, AttributionResult? attribution)
    {
        var owner = served.Adapter?.Manifest?.Owner ?? served.Model.Owner;
        var accounts = new SplitAccounts(SystemAccounts.Platform, owner, SystemAccounts.Stakers, SystemAccounts.Reserve);
        ContributorWeight[] weights = attribution is null
            ? []
            :
            [
                .. attribution.Contributors.Where(each => each.Credit > 0)
                    .Select(each => new ContributorWeight(each.Contributor, (UInt128)each.Credit)),
            ];
        var lines = served.FeeSplit.Split(fee, accounts, weights, attribution?.BaseReserve ?? FeeSplit.ReserveWhole);
        return served.Adapter?.Manifest?.Lineage is { Count: > 1 } lineage ? WithRoyalties(lines, owner, lineage) : lines;
    }

    /// <summary>The owner's line goes up the lineage, by its licences; the lines still sum to the fee.</summary>
    static List<SplitLine> WithRoyalties(IReadOnlyList<SplitLine> lines, string owner, IReadOnlyList<LineageNode> lineage)
    {
        var result = new List<SplitLine>();
        foreach (var line in lines)
        {
            if (line.Role != SplitRole.Owner)
            {
                result.Add(line);
                continue;
            }

            result.AddRange(Royalties.Split(line.Amount, [.. lineage.Select(LineageReader.ToStep)]).Select(part =>
                new SplitLine(part.Account, part.Account == owner ? SplitRole.Owner : SplitRole.Royalty, part.Amount)));
        }

        return result;
    }

    /// <summary>
    /// The fee is posted out of the hold to escrow, what is left of the hold goes back, and escrow pays every line; the contributors'
    /// lines together, into the adapter's pool, out of which an epoch's end pays each of them.
    /// </summary>
    static List<TransferOrder> Transfers(ServedAnswer served, TransferOrder hold, Amount fee, IReadOnlyList<SplitLine> lines)
    {
        var payments = lines.Where(line => line.Role != SplitRole.Contributor).Select(line => (line.Account, line.Amount)).ToList();
        var credited = Amount.Sum(lines.Where(line => line.Role == SplitRole.Contributor).Select(line => line.Amount));
        if (!credited.IsZero)
        {
            payments.Add((PoolAccounts.OfAdapter(served.Adapter!.Id), credited));
        }

        var transfers = new List<TransferOrder>
        {
            new(
                TransferId.From($"{hold.Id}/post").ToString(),
                TransferKind.PostPending,
                hold.Debit,
                hold.Credit,
                fee,
                hold.Id,
                Linked: payments.Count > 0),
        };
        for (var index = 0; index < payments.Count; index++)
        {
            transfers.Add(new TransferOrder(
                TransferId.From($"{Key(served.Request)}/line/{index}").ToString(),
                TransferKind.Posted,
                SystemAccounts.Escrow,
                payments[index].Account,
                payments[index].Amount,
                Linked: index < payments.Count - 1));
        }

        return transfers;
    }

    Receipt Receipt(
        ServedAnswer served,
        Amount fee,
        IReadOnlyList<SplitLine> lines,
        IReadOnlyList<TransferOrder> transfers,
        AttributionResult? attribution,
        byte[] salt)
    {
        // One salt serves the leaf and both hashes: who holds the receipt file can prove what was asked and answered.
        return new Receipt
        {
            Id = ReceiptId(served.Request),
            TimeMs = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Payer = served.Request.Payer,
            RequestHash = ContentHash.OfSalted(salt, Encoding.UTF8.GetBytes(served.Request.Prompt)),
            ResponseHash = ContentHash.OfSalted(salt, Encoding.UTF8.GetBytes(served.Text)),
            ModelId = served.Model.Id,
            ModelHash = ContentHash.Parse(served.Model.ContentHash),
            AdapterId = served.Adapter?.Id ?? "",
            AdapterHash = served.Adapter?.Manifest is { } manifest ? ContentHash.Parse(manifest.ContentHash) : default,
            PromptTokens = served.PromptTokens.Count,
            CompletionTokens = served.AnswerTokens.Count,
            Price = fee,
            AttributionMethod = attribution?.Method ?? "",
            AttributionVersion = attribution is null ? "" : AttributionMethods.Version,
            BaseReserve = Amount.Sum(lines.Where(line => line.Role == SplitRole.Reserve).Select(line => line.Amount)),
            Credits = attribution is null ? [] : Credits(attribution, lines),
            Split = [.. lines.Select(line => new ReceiptSplit(line.Account, line.Role.Name(), line.Amount))],
            Transfers = [.. transfers.Select(transfer => TransferId.Parse(transfer.Id))],
        };
    }

    /// <summary>
    /// Each contributor's line is divided over its credited rows by their credit, so that the rows' shares sum to the lines.
    /// </summary>
    static List<ReceiptCredit> Credits(AttributionResult attribution, IReadOnlyList<SplitLine> lines)
    {
        var credits = new List<ReceiptCredit>();
        foreach (var line in lines.Where(line => line.Role == SplitRole.Contributor))
        {
            var rows = attribution.Credits.Where(credit => credit.Contributor == line.Account && credit.Credit > 0).ToList();
            if (rows.Count == 0)
            {
                continue;
            }

            var shares = LargestRemainder.Split(line.Amount.Atto, [.. rows.Select(row => (UInt128)row.Credit)]);
            credits.AddRange(rows.Select((row, index) => new ReceiptCredit(
                row.DatanetId,
                row.RowId,
                row.Contributor,
                OpenLedger.Receipt.ToNano(row.Influence),
                OpenLedger.Receipt.ToNano(row.Span),
                OpenLedger.Receipt.ToNano(row.Combined),
                Amount.FromAtto(shares[index]))));
        }

        return credits;
    }
}
