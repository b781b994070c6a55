using OpenLedger.Grains;
using OpenLedger.Grains.Contributors;

namespace OpenLedger.Client;

/// <summary>Contributors and their profiles.</summary>
public sealed class AccountsClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;

    internal AccountsClient(IGrainFactory grains, Repetition repetition)
    {
        _grains = grains;
        _repetition = repetition;
    }

    /// <summary>Registers a contributor under its account address.</summary>
    /// <param name="publicKey">Ed25519 public key, 32 bytes; the address is made from it.</param>
    public Task<ContributorSummary> Register(string account, string name, byte[] publicKey) =>
        _repetition.Run(() => _grains.GetGrain<IContributorGrain>(account).Register(new RegisterContributor(name, publicKey)));

    public Task<ContributorSummary> Get(string account) =>
        _repetition.Run(() => _grains.GetGrain<IContributorGrain>(account).GetSummary());
}
