using OpenLedger.Grains;
using OpenLedger.Grains.Contributors;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Client;

/// <summary>Contributors and their profiles.</summary>
public sealed class AccountsClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal AccountsClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _signer = signer;
        _grains = grains;
        _repetition = repetition;
    }

    /// <summary>Registers a contributor under its account address; signed by the account.</summary>
    /// <param name="publicKey">Ed25519 public key, 32 bytes; the address is made from it.</param>
    public async Task<ContributorSummary> Register(string account, string name, byte[] publicKey)
    {
        var command = new RegisterContributor(name, publicKey);
        var signed = await _signer.Sign<IContributorGrain>(
            account, account, nameof(IContributorGrain.Register), RequestBody.Of(command));
        return await _repetition.Run(() => _grains.GetGrain<IContributorGrain>(account).Register(command, signed));
    }

    public Task<ContributorSummary> Get(string account) =>
        _repetition.Run(() => _grains.GetGrain<IContributorGrain>(account).GetSummary());
}
