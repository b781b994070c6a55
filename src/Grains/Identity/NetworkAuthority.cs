namespace OpenLedger.Grains.Identity;

/// <summary>
/// Authorises what this network's own grains and hosts ask of grains. Only silos have one: it is made from the log's signing key.
/// </summary>
public sealed class NetworkAuthority
{
    static readonly TimeSpan lifetime = TimeSpan.FromMinutes(5);

    readonly NetworkKey _key;
    readonly TimeProvider _clock;
    readonly IdSource _ids;

    public NetworkAuthority(NetworkKey key, TimeProvider clock, IdSource ids)
    {
        _key = key;
        _clock = clock;
        _ids = ids;
    }

    /// <summary>The network's name: its log's origin.</summary>
    public string Network => _key.Network;

    /// <summary>Authorises a call of a grain's method in the network's name.</summary>
    /// <param name="key">The grain's key.</param>
    /// <param name="method">The method's name in code, by <c>nameof</c>.</param>
    /// <param name="body">Of the call's other arguments, by <see cref="RequestBody"/>.</param>
    public Authorization Authorize<TGrain>(string key, string method, ContentHash body)
        where TGrain : IGrain
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var terms = new RequestTerms
        {
            Network = Network,
            Target = RequestTarget.Of<TGrain>(key, method),
            Account = NetworkKey.Account,
            Nonce = _ids.NextBytes(RequestTerms.NonceSizeBytes),
            IssuedMs = now,
            ExpiresMs = now + (long)lifetime.TotalMilliseconds,
            Body = body,
        };
        return Authorization.Of(terms, _key.Prove(terms.ToBytes()));
    }

    internal bool Proves(ReadOnlySpan<byte> terms, ReadOnlySpan<byte> proof) => _key.Holds(terms, proof);
}
