namespace OpenLedger.Grains.Identity;

/// <summary>
/// The nonces of requests that a grain has carried out and that have not expired: a member of the grain's state, so that it is written
/// in the same write as what the request changed. Bounded: when it is full of requests that still hold, the grain is busy until the
/// oldest expires.
/// </summary>
/// <remarks>
/// A request is looked for before it is carried out and remembered with the state that it changed. Known with the same contents it is
/// a repetition: it is answered, and not carried out again. Known with other contents it is refused.
/// </remarks>
[GenerateSerializer, Alias("openledger.nonces")]
public sealed class NonceMemory
{
    /// <summary>Nonces kept at most.</summary>
    public const int CountMax = 1_024;

    [Id(0)] public List<RememberedNonce> Nonces { get; set; } = [];

    /// <summary>
    /// Whether this very request was carried out before: answer it, and change nothing. The network's own calls are idempotent by their
    /// ids and never known here. Forgets what has expired.
    /// </summary>
    /// <param name="nowMs">The verifier's time, <see cref="RequestVerifier.NowMs"/>.</param>
    /// <exception cref="RefusedException">Its nonce was used for another request.</exception>
    /// <exception cref="BusyException">The memory is full of requests that still hold.</exception>
    public bool IsRepetition(VerifiedRequest request, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.IsNetwork)
        {
            return false;
        }

        Nonces.RemoveAll(each => each.ExpiresMs <= nowMs);
        if (Nonces.Find(each => each.Nonce == request.Nonce) is { } known)
        {
            return known.Digest == request.Digest
                ? true
                : throw RequestVerifier.Refused("this nonce was used for another request: sign each request with a new one");
        }

        return Nonces.Count < CountMax
            ? false
            : throw new BusyException(
                $"{CountMax:N0} signed requests have come within minutes, and no more are taken until the first of them expires.");
    }

    /// <summary>
    /// Remembers a request that has been carried out, until it expires: called with the change, before the state is written.
    /// </summary>
    public void Remember(VerifiedRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.IsNetwork && !Nonces.Exists(each => each.Nonce == request.Nonce))
        {
            Nonces.Add(new RememberedNonce(request.Nonce, request.Digest, request.ExpiresMs));
        }
    }
}

/// <param name="Nonce">The account and its nonce.</param>
/// <param name="Digest">Hash of all that was signed.</param>
/// <param name="ExpiresMs">When it may be forgotten, in ms since 1970.</param>
[GenerateSerializer, Immutable, Alias("openledger.nonces.nonce")]
public sealed record RememberedNonce(
    [property: Id(0)] string Nonce,
    [property: Id(1)] string Digest,
    [property: Id(2)] long ExpiresMs);
