namespace OpenLedger;

/// <summary>
/// What a signature over a request covers. Canonical bytes: the tag <c>openledger/request/v1</c>, then network, target and account as
/// texts, 16 bytes of nonce, the times of issue and expiry in ms since 1970, the most that may be spent in atto-OPEN, and the SHA-256
/// of the canonical body. Two different sets of terms have different bytes.
/// </summary>
public sealed record RequestTerms
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSizeBytes = 16;

    const int NetworkSizeBytesMax = 255;
    const int TargetSizeBytesMax = 1_024;
    const int AccountSizeBytesMax = 255;

    /// <summary>How long a request may hold at most, from its issue to its expiry.</summary>
    public static readonly TimeSpan LifetimeMax = TimeSpan.FromMinutes(10);

    /// <summary>How far ahead of the verifier's clock a request may be issued: clocks differ.</summary>
    public static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(30);

    /// <summary>The network that is addressed: its log's origin. A request to one network is nothing to another.</summary>
    public required string Network { get; init; }

    /// <summary>What is called: interface, method and grain key, as in <c>openledger.datanet/grant/dn_words</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Who asks.</summary>
    public required string Account { get; init; }

    /// <summary>16 bytes that the account uses once.</summary>
    public required ReadOnlyMemory<byte> Nonce { get; init; }

    /// <summary>When it was signed, in ms since 1970.</summary>
    public required long IssuedMs { get; init; }

    /// <summary>When it stops to hold, in ms since 1970.</summary>
    public required long ExpiresMs { get; init; }

    /// <summary>The most that whoever serves the request may take from the account. Zero where it spends nothing.</summary>
    public Amount SpendMax { get; init; } = Amount.Zero;

    /// <summary>SHA-256 of the canonical body.</summary>
    public required ContentHash Body { get; init; }

    static ReadOnlySpan<byte> Tag => "openledger/request/v1"u8;

    /// <summary>The bytes that are signed.</summary>
    /// <exception cref="ArgumentException">A text is longer than its bound, or the nonce has another size.</exception>
    public byte[] ToBytes()
    {
        if (Nonce.Length != NonceSizeBytes)
        {
            throw new ArgumentException($"a nonce has {NonceSizeBytes} bytes, not {Nonce.Length}");
        }
        var writer = new CanonicalWriter();
        writer.Raw(Tag);
        writer.Text(Network, NetworkSizeBytesMax);
        writer.Text(Target, TargetSizeBytesMax);
        writer.Text(Account, AccountSizeBytesMax);
        writer.Raw(Nonce.Span);
        writer.Int64(IssuedMs);
        writer.Int64(ExpiresMs);
        writer.Amount(SpendMax);
        writer.Hash(Body);
        return writer.ToArray();
    }

    /// <summary>Why the terms do not hold at this time; null where they do.</summary>
    /// <param name="nowMs">The verifier's clock, in ms since 1970.</param>
    public string? WhyNotAt(long nowMs)
    {
        if (ExpiresMs <= IssuedMs || ExpiresMs - IssuedMs > (long)LifetimeMax.TotalMilliseconds)
        {
            return $"a request holds for at most {LifetimeMax.TotalMinutes:F0} minutes from its issue";
        }
        if (IssuedMs - (long)SkewMax.TotalMilliseconds > nowMs)
        {
            return $"it is issued more than {SkewMax.TotalSeconds:F0} seconds in the future: set the clock";
        }
        return ExpiresMs <= nowMs ? "it has expired: sign it again" : null;
    }
}
