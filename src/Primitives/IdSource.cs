using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OpenLedger;

/// <summary>
/// Where ids, salts and key seeds come from: injected, so that a run with a seed is reproduced bit for bit.
/// An id is a typed prefix, an underscore and 20 base 32 characters (100 random bits): <c>rc_…</c>, <c>dn_…</c>, <c>ad_…</c>, <c>job_…</c>.
/// Safe for use from several threads.
/// </summary>
public sealed class IdSource
{
    const int IdSizeBytes = 13;
    const int IdLength = 20;
    const int PrefixLengthMax = 8;

    readonly Lock gate = new();
    readonly byte[]? seed;
    readonly byte[] block = new byte[SHA256.HashSizeInBytes];
    int blockUsed = SHA256.HashSizeInBytes;
    ulong counter;

    IdSource(byte[]? seed) => this.seed = seed;

    /// <summary>Randomness of the operating system.</summary>
    public static IdSource Secure() => new(null);

    /// <summary>Reproducible: SHA-256 over the seed and a counter.</summary>
    public static IdSource FromSeed(ulong seed)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, seed);
        return new IdSource(bytes);
    }

    /// <summary>Reproducible, from a text: streams of different names never overlap.</summary>
    public static IdSource FromSeed(ulong seed, string name)
    {
        var bytes = new byte[sizeof(ulong) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, seed);
        ContentHash.OfText(name).CopyTo(bytes.AsSpan(sizeof(ulong)));
        return new IdSource(bytes);
    }

    /// <summary>A new id with a prefix of 2 to 8 lower-case letters, given without the underscore.</summary>
    /// <exception cref="ArgumentException">The prefix has another form.</exception>
    public string Next(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length is < 2 or > PrefixLengthMax || !prefix.All(char.IsAsciiLetterLower))
        {
            throw new ArgumentException($"'{prefix}' is not 2 to {PrefixLengthMax} lower-case letters", nameof(prefix));
        }
        Span<byte> bytes = stackalloc byte[IdSizeBytes];
        Fill(bytes);
        return $"{prefix}_{LowerBase32.Encode(bytes)[..IdLength]}";
    }

    /// <summary>New random bytes: a salt, a key seed.</summary>
    public byte[] NextBytes(int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        Fill(bytes);
        return bytes;
    }

    /// <summary>A new valid transfer id.</summary>
    public TransferId NextTransferId()
    {
        Span<byte> bytes = stackalloc byte[TransferId.SizeBytes];
        TransferId id;
        do
        {
            Fill(bytes);
            id = new TransferId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
        }
        while (!id.IsValid);
        return id;
    }

    /// <summary>Whether a text is an id with this prefix, as <see cref="Next"/> makes them.</summary>
    public static bool IsId(string? text, string prefix) =>
        text is not null && text.Length == prefix.Length + 1 + IdLength && text.StartsWith(prefix, StringComparison.Ordinal)
        && text[prefix.Length] == '_' && text.AsSpan(prefix.Length + 1).IndexOfAnyExcept(base32Digits) < 0;

    static readonly System.Buffers.SearchValues<char> base32Digits = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz234567");

    void Fill(Span<byte> bytes)
    {
        if (seed is null)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }
        lock (gate)
        {
            foreach (ref var value in bytes)
            {
                if (blockUsed == block.Length)
                {
                    NextBlock();
                }
                value = block[blockUsed++];
            }
        }
    }

    void NextBlock()
    {
        var input = new byte[seed!.Length + sizeof(ulong)];
        seed.CopyTo(input, 0);
        BinaryPrimitives.WriteUInt64BigEndian(input.AsSpan(seed.Length), counter++);
        SHA256.HashData(input, block);
        blockUsed = 0;
    }
}
