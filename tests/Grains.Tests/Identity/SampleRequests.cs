using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>A network's verifier on a clock that stands still, and requests to a Datanet of it.</summary>
sealed class SampleRequests : IDisposable
{
    public const string Network = "tests.example/log";
    public const string DatanetId = "dn_sample";

    public static readonly AccessGrant Grant = new("acct_grantee", 1, "training", "acct_owner");

    public SampleRequests()
    {
        Clock.Advance(TimeSpan.FromDays(20_000));
        Key = SampleNetwork.NewKey("signer", Clock);
        using var log = new NoteSigner(Network, Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]));
        Authority = new NetworkAuthority(NetworkKey.Of(log), Clock, IdSource.Secure());
        Verifier = new RequestVerifier(Authority, Clock);
    }

    public ManualTime Clock { get; } = new();

    public AccountKey Key { get; }

    public NetworkAuthority Authority { get; }

    public RequestVerifier Verifier { get; }

    /// <summary>The signer's request to grant.</summary>
    public Authorization Sign(AccessGrant? grant = null, string network = Network, string datanetId = DatanetId) =>
        Key.Authorize<IDatanetGrain>(network, datanetId, nameof(IDatanetGrain.Grant), RequestBody.Of(grant ?? Grant), Amount.FromOpen(1));

    /// <summary>What the Datanet does with a request to grant.</summary>
    public VerifiedRequest Verify(
        Authorization? authorization, AccessGrant? grant = null, string method = nameof(IDatanetGrain.Grant), string key = DatanetId) =>
        Verifier.Verify<IDatanetGrain>(key, method, authorization, RequestBody.Of(grant ?? Grant));

    /// <summary>Why a request is refused; null where it is not.</summary>
    public string? WhyRefused(Authorization? authorization, AccessGrant? grant = null)
    {
        try
        {
            Verify(authorization, grant);
            return null;
        }
        catch (RefusedException exception)
        {
            return exception.Message;
        }
    }

    public void Dispose() => Key.Dispose();
}
