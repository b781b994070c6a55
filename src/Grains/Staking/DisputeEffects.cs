using OpenLedger.Economy;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Staking;

/// <summary>What a dispute does to a stake, to credit and to its bond. Everything may be repeated and happens once.</summary>
sealed class DisputeEffects
{
    readonly string _id;
    readonly DisputeState _state;
    readonly IGrainFactory _grains;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;

    public DisputeEffects(string id, DisputeState state, IGrainFactory grains, NetworkLedger ledger, NetworkAuthority network)
    {
        _id = id;
        _state = state;
        _grains = grains;
        _ledger = ledger;
        _network = network;
    }

    OpenDispute Command => _state.Command!;

    IStakingPoolGrain Pool => _grains.GetGrain<IStakingPoolGrain>(Command.PoolId);

    IAttributionGrain Credits => _grains.GetGrain<IAttributionGrain>(Command.AdapterId);

    /// <returns>Credit that is set aside.</returns>
    public async Task<Amount> Freeze()
    {
        if (Command.PoolId.Length > 0)
        {
            await Pool.Freeze(
                Command.Accused, _id, OfPool(nameof(IStakingPoolGrain.Freeze), RequestBody.Of(Command.Accused, _id)));
        }

        if (Command.AdapterId.Length == 0)
        {
            return Amount.Zero;
        }

        var freeze = new CreditFreeze(
            _id, Command.Accused, _state.DisputedCredit.Length == 0 ? null : Amount.Parse(_state.DisputedCredit));
        return await Credits.Freeze(freeze, OfCredits(nameof(IAttributionGrain.Freeze), RequestBody.Of(freeze)));
    }

    public async Task Unfreeze()
    {
        if (Command.PoolId.Length > 0)
        {
            await Pool.Unfreeze(
                Command.Accused, _id, OfPool(nameof(IStakingPoolGrain.Unfreeze), RequestBody.Of(Command.Accused, _id)));
        }

        await EndCreditFreeze("");
    }

    /// <exception cref="RefusedException">The challenger has too little.</exception>
    public async Task TakeBond()
    {
        await _ledger.OpenPools([PoolAccounts.Bonds]);
        var spender = AuthorizationHeader.Parse(_state.SpenderHeader, _state.SpenderTarget, ContentHash.Parse(_state.SpenderBody));
        var order = Order("bond", Command.Challenger, PoolAccounts.Bonds, Amount.Parse(_state.Bond));
        if (!order.Amount.IsZero && (await _ledger.Transfer([order], spender))[0] is { Accepted: false } refused)
        {
            throw new RefusedException($"The bond of {_state.Bond} OPEN could not be taken: {refused.Result}.");
        }
    }

    /// <summary>The stake is slashed, the credit goes where it belongs, the bond goes back.</summary>
    public async Task<(Amount Slashed, Amount Forfeited)> Uphold()
    {
        var slashed = Amount.Zero;
        if (Command.PoolId.Length > 0)
        {
            var slash = new StakeSlash(_id, Command.Accused, _state.SlashBasisPoints, Command.Challenger);
            slashed = await Pool.Slash(slash, OfPool(nameof(IStakingPoolGrain.Slash), RequestBody.Of(slash)));
        }

        if (Command.RightfulOwner.Length > 0)
        {
            await _ledger.OpenAccounts([Command.RightfulOwner]);
        }

        var forfeited = await EndCreditFreeze(Command.RightfulOwner.Length > 0 ? Command.RightfulOwner : SystemAccounts.Reserve);
        await PayBond(Command.Challenger);
        return (slashed, forfeited);
    }

    /// <summary>Everything is free again, and the bond is the accused's.</summary>
    public async Task<(Amount Slashed, Amount Forfeited)> Reject()
    {
        await Unfreeze();
        await _ledger.OpenAccounts([Command.Accused]);
        await PayBond(Command.Accused);
        return (Amount.Zero, Amount.Zero);
    }

    async Task<Amount> EndCreditFreeze(string beneficiary) => Command.AdapterId.Length == 0
        ? Amount.Zero
        : await Credits.EndFreeze(
            _id, beneficiary, OfCredits(nameof(IAttributionGrain.EndFreeze), RequestBody.Of(_id, beneficiary)));

    async Task PayBond(string account)
    {
        var order = Order("bond-back", PoolAccounts.Bonds, account, Amount.Parse(_state.Bond));
        if (!order.Amount.IsZero && (await _ledger.Transfer([order]))[0] is { Accepted: false } refused)
        {
            throw new UnavailableException($"The bond of dispute {_id} could not be paid ({refused.Result}); it is tried again.");
        }
    }

    TransferOrder Order(string what, string debit, string credit, Amount amount) =>
        new(TransferId.From($"{_id}/{what}").ToString(), TransferKind.Posted, debit, credit, amount);

    Authorization OfPool(string method, ContentHash body) => _network.Authorize<IStakingPoolGrain>(Command.PoolId, method, body);

    Authorization OfCredits(string method, ContentHash body) => _network.Authorize<IAttributionGrain>(Command.AdapterId, method, body);
}

/// <summary>What an accusation may look like.</summary>
static class DisputeInput
{
    /// <exception cref="RefusedException">It is no hash.</exception>
    public static ContentHash Hash(string text, string what)
    {
        try
        {
            return ContentHash.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException($"'{text}' is not the SHA-256 of {what}: write sha256: and 64 hexadecimal digits.");
        }
    }

    /// <summary>Refuses what cannot be disputed.</summary>
    /// <returns>The credit that a receipt gives the accused, or null where all of it is disputed.</returns>
    public static async Task<Amount?> Check(OpenDispute command, NetworkLedger ledger)
    {
        foreach (var account in new[] { command.Challenger, command.Accused, command.RightfulOwner })
        {
            if (!(account.Length == 0 && account == command.RightfulOwner) && !AccountAddress.TryParse(account, out _))
            {
                throw new RefusedException($"'{account}' is not an account address.");
            }
        }

        if (command.PoolId.Length == 0 && command.AdapterId.Length == 0)
        {
            throw new RefusedException("A dispute is about a stake in a pool, about credit of an adapter, or about both: name one.");
        }

        if (command.AdapterId.Length > 0)
        {
            GrainKeys.Require(command.AdapterId, GrainKeys.Adapter, "an adapter");
        }

        if (command.PoolId.Length > 0)
        {
            GrainKeys.Require(command.PoolId, GrainKeys.StakingPool, "a staking pool");
        }

        if (command.ReceiptId.Length == 0)
        {
            return command.RowId.Length == 0
                ? null
                : throw new RefusedException("A row is disputed on a receipt: name the receipt.");
        }

        var receipt = await ledger.FindReceipt(command.ReceiptId)
            ?? throw new RefusedException($"There is no receipt '{command.ReceiptId}' in this book.");
        var credit = Amount.Sum(receipt.Credits
            .Where(each => each.Contributor == command.Accused && (command.RowId.Length == 0 || each.RowReference == command.RowId))
            .Select(each => each.Share));
        return receipt.AdapterId == command.AdapterId && !credit.IsZero
            ? credit
            : throw new RefusedException(
                $"Receipt {command.ReceiptId} credits {command.Accused} with nothing of adapter {command.AdapterId}.");
    }
}
