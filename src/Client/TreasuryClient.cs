using OpenLedger.Grains;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Treasury;

namespace OpenLedger.Client;

/// <summary>Supply, vesting and burning.</summary>
public sealed class TreasuryClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal TreasuryClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _grains = grains;
        _repetition = repetition;
        _signer = signer;
    }

    ITreasuryGrain Grain => _grains.GetGrain<ITreasuryGrain>(Networks.Main);

    public Task<SupplyCard> GetSupply() => _repetition.Run(Grain.GetSupply);

    /// <summary>Signed by the client's first key: anybody may.</summary>
    /// <inheritdoc cref="ITreasuryGrain.Release"/>
    public async Task<SupplyCard> Release()
    {
        var signed = await _signer.Sign<ITreasuryGrain>(null, Networks.Main, nameof(ITreasuryGrain.Release), RequestBody.Nothing);
        return await _repetition.Run(() => Grain.Release(signed));
    }

    /// <summary>Burns OPEN of the account, which signs.</summary>
    /// <inheritdoc cref="ITreasuryGrain.Burn"/>
    public async Task Burn(BurnOpen command)
    {
        var body = RequestBody.Of(command);
        var signed = await _signer.Sign<ITreasuryGrain>(command.Account, Networks.Main, nameof(ITreasuryGrain.Burn), body, command.Amount);
        await _repetition.Run(() => Grain.Burn(command, signed));
    }
}
