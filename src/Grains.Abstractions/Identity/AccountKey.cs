namespace OpenLedger.Grains.Identity;

/// <summary>An account's key, which signs requests. Dispose it: it holds the secret. Safe for use from several threads.</summary>
public sealed class AccountKey : IDisposable
{
    /// <summary>How long a request holds that this key signs: longer than a client repeats it, shorter than what is allowed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    readonly Ed25519PrivateKey _key;
    readonly TimeProvider _clock;
    readonly IdSource _ids;
    long _signedCount;

    /// <param name="key">Is this object's from here on.</param>
    /// <param name="clock">Says when requests are issued.</param>
    /// <param name="ids">Gives nonces.</param>
    public AccountKey(Ed25519PrivateKey key, TimeProvider clock, IdSource ids)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        _clock = clock;
        _ids = ids;
        Address = key.Address.ToString();
        PublicKey = key.PublicKey.ToArray();
    }

    /// <summary>The account's address.</summary>
    public string Address { get; }

    /// <summary>Ed25519 public key, 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Requests that this key has signed.</summary>
    public long SignedCount => Interlocked.Read(ref _signedCount);

    /// <summary>Signs a call of a grain's method.</summary>
    /// <param name="network">The network's name: its log's origin.</param>
    /// <param name="key">The grain's key.</param>
    /// <param name="method">The method's name in code, by <c>nameof</c>.</param>
    /// <param name="body">Of the call's other arguments, by <see cref="RequestBody"/>.</param>
    /// <param name="spendMax">The most that may be taken from this account for it; null for nothing.</param>
    public Authorization Authorize<TGrain>(string network, string key, string method, ContentHash body, Amount? spendMax = null)
        where TGrain : IGrain => Sign(network, RequestTarget.Of<TGrain>(key, method), body, spendMax ?? Amount.Zero);

    Authorization Sign(string network, string target, ContentHash body, Amount spendMax)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var terms = new RequestTerms
        {
            Network = network,
            Target = target,
            Account = Address,
            Nonce = _ids.NextBytes(RequestTerms.NonceSizeBytes),
            IssuedMs = now,
            ExpiresMs = now + (long)Lifetime.TotalMilliseconds,
            SpendMax = spendMax,
            Body = body,
        };
        Interlocked.Increment(ref _signedCount);
        return Authorization.Of(terms, _key.Sign(terms.ToBytes()));
    }

    public void Dispose() => _key.Dispose();
}
