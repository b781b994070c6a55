using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>What signatures did in the demo.</summary>
/// <param name="SignedRequests">Requests that the demo's people signed.</param>
/// <param name="ForgedRefused">Whether a request in another's name was refused.</param>
/// <param name="ForgedReason">Why, in the network's words.</param>
sealed record DemoSignatures(long SignedRequests, bool ForgedRefused, string ForgedReason);

/// <summary>The keys of the demo's people, made from its seed: whatever they ask for, they sign.</summary>
sealed class DemoIdentity : IDisposable
{
    readonly Dictionary<string, AccountKey> _keys = new(StringComparer.Ordinal);
    readonly long _seed;

    public DemoIdentity(long seed) => _seed = seed;

    /// <summary>The key of one of the demo's people.</summary>
    public AccountKey Key(string name)
    {
        if (!_keys.TryGetValue(name, out var key))
        {
            // The key follows from the demo's seed; nonces never repeat, whatever the seed.
            var seed = IdSource.FromSeed(unchecked((ulong)_seed), $"demo/{name}").NextBytes(Ed25519.SeedSizeBytes);
            key = new AccountKey(Ed25519PrivateKey.FromSeed(seed), TimeProvider.System, IdSource.Secure());
            _keys.Add(name, key);
        }

        return key;
    }

    /// <summary>A client that signs with everybody's keys.</summary>
    public OpenLedgerClient Connect(EmbeddedSilo silo, AccountKeys keys) => new(silo.Grains, TimeProvider.System, keys);

    /// <summary>Gives an account money out of the treasury, once, which only the network itself can.</summary>
    public async Task Fund(EmbeddedSilo silo, string account, Amount amount)
    {
        var order = new TransferOrder(
            TransferId.From($"demo/{_seed}/funds/{account}").ToString(), TransferKind.Posted, SystemAccounts.Treasury, account, amount);
        var outcome = (await silo.Services.GetRequiredService<NetworkLedger>().Transfer([order]))[0];
        if (!outcome.Accepted)
        {
            throw new InvalidOperationException($"Funding {account} was refused: {outcome.Result}.");
        }
    }

    /// <summary>Somebody asks in the caller's name, and signs with a key of his own, as nobody has the caller's.</summary>
    public async Task<DemoSignatures> Forge(EmbeddedSilo silo, InferenceRequest request, long signed)
    {
        var key = GrainKeys.OfRequest(request.RequestId);
        var authorization = Key("forger").Authorize<IInferenceGrain>(
            await silo.Grains.GetGrain<ILedgerGrain>(Books.Main).GetOrigin(),
            key,
            nameof(IInferenceGrain.Complete),
            RequestBody.Of(request),
            OpenLedgerClient.SpendMaxDefault) with { Account = request.Payer };
        try
        {
            await foreach (var _ in silo.Grains.GetGrain<IInferenceGrain>(key).Complete(request, authorization))
            {
                break;
            }

            return new DemoSignatures(signed, false, "");
        }
        catch (RefusedException exception)
        {
            return new DemoSignatures(signed, true, exception.Message);
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }
}
