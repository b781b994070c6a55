using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Ledger;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Ledger;

/// <summary>
/// The single writer of one book. Calls interleave, so that those that arrive while a write is in flight ride the next one; the
/// writer's own thread keeps them apart. A failed write leaves the outcome unknown: the activation ends, and the next one replays.
/// </summary>
[Reentrant]
sealed class LedgerGrain : Grain, ILedgerGrain
{
    readonly BookOpener _open;
    readonly RequestVerifier _requests;
    LedgerWriter? _writer;

    public LedgerGrain(BookOpener open, RequestVerifier requests)
    {
        _open = open;
        _requests = requests;
    }

    LedgerWriter Writer => _writer ?? throw new InvalidOperationException("The book is not open.");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            _writer = await _open(this.GetPrimaryKeyString());
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            throw new UnavailableException($"The book cannot be opened for the moment ({exception.Message}).");
        }

        await base.OnActivateAsync(cancellationToken);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync();
        }

        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    public async Task Genesis(Authorization authorization)
    {
        Verify(nameof(Genesis), authorization, RequestBody.Nothing).RequireNetwork();
        var (isMinted, isAllocated, missing) = await Read(core => (
            core.FindTransfer(GenesisRequest.MintId) is not null,
            core.FindTransfer(GenesisRequest.LastId) is not null,
            SystemAccountOpenings.All.Where(each => core.FindBalance(each.Name) is null).ToArray()));
        if (isAllocated && missing.Length == 0)
        {
            // Nothing is written that changes nothing: the log of a restarted book is the log that it had.
            return;
        }

        var reply = await Commit(GenesisRequest.For(isMinted, missing));
        if (!reply.TransfersStand)
        {
            throw isMinted
                ? new UserErrorException(
                    "This book was begun before the supply had an allocation, and its treasury has given out more than the community's "
                    + "part of it: what belongs to the others is missing. Pay back what was taken from sys_treasury with the release "
                    + "that made the book, or begin a new data folder.")
                : new InvalidOperationException($"The book refused genesis: {string.Join(", ", reply.Transfers.Distinct())}.");
        }
    }

    public async Task<long> GetGenesisTime() =>
        await Read(core => core.FindTransfer(GenesisRequest.MintId)?.TimestampNs) is { } timestampNs
            ? checked((long)(timestampNs / 1_000_000))
            : throw new RefusedException("This book has no supply yet: genesis mints it.");

    public async Task OpenAccounts(IReadOnlyList<string> accounts, Authorization authorization)
    {
        // Anybody may, but not nameless: an empty account is nobody's loss, and whose request wrote it is known.
        Verify(nameof(OpenAccounts), authorization, RequestBody.Of(accounts));
        foreach (var account in accounts)
        {
            if (!AccountAddress.TryParse(account, out _))
            {
                throw new RefusedException($"'{account}' is not an account address: one letter may be wrong, the checksum does not match.");
            }
        }

        await OpenMissing(accounts);
    }

    public async Task OpenPools(IReadOnlyList<string> pools, Authorization authorization)
    {
        Verify(nameof(OpenPools), authorization, RequestBody.Of(pools)).RequireNetwork();
        foreach (var pool in pools)
        {
            if (!PoolAccounts.IsPool(pool))
            {
                throw new RefusedException($"'{pool}' is not the name of a pool: such a name begins with {PoolAccounts.Prefix}.");
            }
        }

        await OpenMissing(pools);
    }

    public async Task<IReadOnlyList<TransferOutcome>> Transfer(
        IReadOnlyList<TransferOrder> transfers, IReadOnlyList<Authorization> authorizations)
    {
        TransferAuthority.Check(_requests, this.GetPrimaryKeyString(), transfers, authorizations);
        var reply = await Commit(new LedgerRequest { Transfers = [.. transfers.Select(TransferOrders.ToTransfer)] });
        return [.. transfers.Select((transfer, index) => TransferOrders.ToOutcome(transfer.Id, reply.Transfers[index]))];
    }

    public async Task<SettledReceipt> Settle(SettlementOrder order, Authorization authorization)
    {
        Verify(nameof(Settle), authorization, RequestBody.Of(order)).RequireNetwork();
        if (await Read(core => core.FindReceipt(order.ReceiptId)) is { } earlier)
        {
            return new SettledReceipt(earlier.Id, checked((long)earlier.Index));
        }

        var reply = await Commit(new LedgerRequest
        {
            AllOrNothing = true,
            Transfers = [.. order.Transfers.Select(TransferOrders.ToTransfer)],
            Receipts = [new ReceiptDraft(order.Receipt.ToArray(), order.Salt.ToArray())],
        });
        if (!reply.TransfersStand)
        {
            var reason = reply.Transfers.First(
                status => status is not (TransferStatus.Ok or TransferStatus.Exists or TransferStatus.LinkedEventFailed));
            throw new RefusedException($"Settlement {order.ReceiptId} was refused and nothing moved: {TransferOrders.Describe(reason)}.");
        }

        var receipt = reply.Receipts[0];
        return receipt.Stands
            ? new SettledReceipt(receipt.Id, checked((long)receipt.Index))
            : throw new RefusedException($"Receipt {order.ReceiptId} was refused: {receipt.Status}.");
    }

    public async Task<IReadOnlyList<AccountBalance>> GetBalances(IReadOnlyList<string> accounts) =>
        await Read(core => accounts.Select(account => TransferOrders.ToBalance(account, core.FindBalance(account))).ToArray());

    public Task<string> GetOrigin() => Read(core => core.Origin);

    public async Task<BookSummary> GetSummary() => await Read(core => new BookSummary(
        core.AccountCount,
        core.CheckSums().Conserved,
        checked((long)core.TreeSize),
        core.Root.ToString(),
        core.Origin,
        core.LogKey,
        core.SignedCheckpoint()));

    public async Task<StoredReceipt> GetReceipt(string receiptId) => await GetReceiptOrNone(receiptId) ?? throw Unknown(receiptId);

    public async Task<StoredReceipt?> GetReceiptOrNone(string receiptId) => await Read(core => core.FindReceipt(receiptId)) is { } receipt
        ? new StoredReceipt(receipt.Canonical, receipt.Salt, receipt.Leaf.ToBytes(), checked((long)receipt.Index))
        : null;

    public Task<byte[]> ExportReceipt(string receiptId) => Read(core => core.FindReceipt(receiptId) is null
        ? throw Unknown(receiptId)
        : core.ExportReceipt(receiptId));

    public async Task<LatestReceipts> GetLatestReceipts(int count)
    {
        if (count is < 0 or > LedgerCore.LatestReceiptsMax)
        {
            throw new RefusedException($"{count} receipts were asked for; 0 to {LedgerCore.LatestReceiptsMax} are given at once.");
        }

        var (total, newest) = await Writer.ReadAsync(core => (core.ReceiptCount, core.LatestReceipts(count)));
        return new LatestReceipts(total, [.. newest.Select(ReceiptSummaries.Of)]);
    }

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<ILedgerGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    public async Task<CreditPage> GetCredits(CreditQuery query)
    {
        if (query.FromMs < 0 || query.ToMs < query.FromMs || query.FromReceipt < -1 || query.TreeSize < 0)
        {
            throw new RefusedException("A statement goes from one time to a later one, both after 1970.");
        }

        var scan = await Read(core => (ulong)query.TreeSize > core.TreeSize
            ? throw new RefusedException($"The log has {core.TreeSize} entries, not {query.TreeSize}.")
            : core.ScanCredits(query.Account, query.FromMs, query.ToMs, query.FromReceipt, (ulong)query.TreeSize));
        return new CreditPage(
            [.. scan.Receipts.Select(Proven)], checked((long)scan.TreeSize), scan.CheckpointNote, scan.NextReceipt);
    }

    static ProvenCredit Proven(StatementReceipt receipt) => new(
        checked((long)receipt.Index),
        receipt.Canonical,
        receipt.Salt,
        receipt.Proof.SelectMany(hash => hash.ToArray()).ToArray());

    static RefusedException Unknown(string receiptId) => new($"There is no receipt '{receiptId}' in this book.");

    async Task OpenMissing(IReadOnlyList<string> accounts)
    {
        var missing = await Read(core => accounts.Where(account => core.FindBalance(account) is null).ToArray());
        if (missing.Length > 0)
        {
            await Commit(new LedgerRequest { Accounts = [.. missing.Select(account => new OpenAccount(account))] });
        }
    }

    async Task<LedgerReply> Commit(LedgerRequest request)
    {
        try
        {
            return await Writer.CommitAsync(request);
        }
        catch (LedgerBusyException exception)
        {
            throw new BusyException(exception.Message);
        }
        catch (Exception exception) when (exception is not LedgerRequestException)
        {
            throw End(exception);
        }
    }

    async Task<T> Read<T>(Func<LedgerCore, T> question)
    {
        try
        {
            return await Writer.ReadAsync(question);
        }
        catch (LedgerBusyException exception)
        {
            throw new BusyException(exception.Message);
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            throw End(exception);
        }
    }

    /// <summary>
    /// Ends the activation. A failed write leaves the outcome unknown, and after a fenced one somebody else keeps the book: either
    /// way the next activation replays the journal and knows, and the caller repeats with the same ids.
    /// </summary>
    UnavailableException End(Exception exception)
    {
        DeactivateOnIdle();
        return new UnavailableException(
            $"The book answers again in a moment; what was asked may or may not be done ({exception.Message}).");
    }

    /// <summary>A fenced journal is nobody's mistake; every other user's error stands, and is not worth a repetition.</summary>
    static bool IsPassing(Exception exception) => exception is JournalFencedException or not UserErrorException;
}
