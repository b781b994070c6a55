namespace OpenLedger.Grains.Identity;

/// <summary>
/// Who asks for a change, signed: every grain method that changes something takes one, and the grain that changes its state verifies
/// it. An account signs with Ed25519 (64 bytes), the network's own grains prove themselves with HMAC-SHA-256 (32 bytes); the account
/// says which. The signature covers all members and the network's name: see <see cref="RequestTerms"/>.
/// </summary>
/// <param name="Account">Who asks: an address, or <see cref="NetworkKey.Account"/>.</param>
/// <param name="Target">What is called: interface, method and grain key, as <see cref="RequestTarget"/> makes it.</param>
/// <param name="Nonce">16 bytes that the account uses once.</param>
/// <param name="IssuedMs">When it was signed, in ms since 1970.</param>
/// <param name="ExpiresMs">When it stops to hold, in ms since 1970; at most ten minutes after.</param>
/// <param name="SpendMax">The most that may be taken from the account for this request; zero for nothing.</param>
/// <param name="BodyHash">SHA-256 of the canonical bytes of the call's other arguments, as <see cref="RequestBody"/> makes it.</param>
/// <param name="Signature">Over <see cref="RequestTerms.ToBytes"/>.</param>
[GenerateSerializer, Immutable, Alias("openledger.authorization")]
public sealed record Authorization(
    [property: Id(0)] string Account,
    [property: Id(1)] string Target,
    [property: Id(2)] ReadOnlyMemory<byte> Nonce,
    [property: Id(3)] long IssuedMs,
    [property: Id(4)] long ExpiresMs,
    [property: Id(5)] Amount SpendMax,
    [property: Id(6)] ReadOnlyMemory<byte> BodyHash,
    [property: Id(7)] ReadOnlyMemory<byte> Signature)
{
    /// <summary>Terms and a signature over them as a message.</summary>
    public static Authorization Of(RequestTerms terms, ReadOnlyMemory<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return new Authorization(
            terms.Account,
            terms.Target,
            terms.Nonce,
            terms.IssuedMs,
            terms.ExpiresMs,
            terms.SpendMax,
            terms.Body.ToArray(),
            signature);
    }

    /// <summary>What is signed, if it was signed for this network.</summary>
    /// <exception cref="ArgumentException">The body's hash has another size.</exception>
    public RequestTerms ToTerms(string network) => new()
    {
        Network = network,
        Target = Target,
        Account = Account,
        Nonce = Nonce,
        IssuedMs = IssuedMs,
        ExpiresMs = ExpiresMs,
        SpendMax = SpendMax,
        Body = new ContentHash(BodyHash.Span),
    };
}
