using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Ledger;

/// <summary>
/// Who may move what. Money of an account that a key holds moves by that key's signature: over these very orders, or over a request
/// whose <see cref="Authorization.SpendMax"/> bounds them and that the network vouches for. All other money moves by the network's word
/// alone, and so are holds made, posted and voided.
/// </summary>
sealed class TransferAuthority
{
    /// <summary>Authorisations of one call.</summary>
    public const int CountMax = 16;

    readonly HashSet<string> _signers = new(StringComparer.Ordinal);
    readonly Dictionary<string, Amount> _spendable = new(StringComparer.Ordinal);
    bool _isNetwork;

    /// <summary>Refuses orders that are not authorised.</summary>
    /// <param name="book">The ledger grain's key.</param>
    /// <exception cref="RefusedException">The message begins with <see cref="RequestVerifier.Refusal"/> and names the account.</exception>
    public static void Check(
        RequestVerifier requests, string book, IReadOnlyList<TransferOrder> transfers, IReadOnlyList<Authorization>? authorizations)
    {
        if (authorizations is not { Count: > 0 and <= CountMax })
        {
            throw RequestVerifier.Refused(
                $"a transfer comes with 1 to {CountMax} authorisations: the account's that pays, or the network's");
        }

        var authority = new TransferAuthority();
        authority.Read(requests, book, RequestBody.Of(transfers), authorizations);
        foreach (var transfer in transfers)
        {
            authority.Check(transfer);
        }
    }

    void Read(RequestVerifier requests, string book, ContentHash body, IReadOnlyList<Authorization> authorizations)
    {
        var target = RequestTarget.Of<ILedgerGrain>(book, nameof(ILedgerGrain.Transfer));
        foreach (var authorization in authorizations)
        {
            if (authorization is null || authorization.Target == target || authorization.Account == NetworkKey.Account)
            {
                var request = requests.Verify<ILedgerGrain>(book, nameof(ILedgerGrain.Transfer), authorization, body);
                _isNetwork |= request.IsNetwork;
                _signers.Add(request.Account);
                continue;
            }

            var spending = requests.VerifySpending(authorization);
            if (!_spendable.TryAdd(spending.Account, spending.SpendMax))
            {
                throw RequestVerifier.Refused($"{spending.Account} allows spending twice in one call");
            }
        }

        if (_spendable.Count > 0 && !_isNetwork)
        {
            throw RequestVerifier.Refused("what an account signed for another grain moves money by that grain alone");
        }
    }

    void Check(TransferOrder transfer)
    {
        if (transfer.Kind != TransferKind.Posted && !_isNetwork)
        {
            throw RequestVerifier.Refused("holds are made, posted and voided by the network's own grains");
        }

        if (transfer.Kind is TransferKind.PostPending or TransferKind.VoidPending)
        {
            return;
        }

        if (!AccountAddress.TryParse(transfer.Debit, out _))
        {
            if (!_isNetwork)
            {
                throw RequestVerifier.Refused($"{transfer.Debit} is the network's account: no key opens it");
            }
        }
        else if (!_signers.Contains(transfer.Debit))
        {
            Spend(transfer);
        }
    }

    void Spend(TransferOrder transfer)
    {
        if (!_spendable.TryGetValue(transfer.Debit, out var left))
        {
            throw RequestVerifier.Refused($"{transfer.Debit} pays and has not signed");
        }

        _spendable[transfer.Debit] = transfer.Amount <= left
            ? left - transfer.Amount
            : throw RequestVerifier.Refused($"{transfer.Debit} has not allowed {transfer.Amount} OPEN to be taken, only {left}");
    }
}
