using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>A SHA-256 hash (32 bytes) that names content. The text form is <c>sha256:</c> and 64 lower-case hex digits.</summary>
[JsonConverter(typeof(ContentHashJsonConverter))]
public readonly record struct ContentHash : IComparable<ContentHash>
{
    /// <summary>Bytes of a hash.</summary>
    public const int SizeBytes = 32;

    /// <summary>What the text form begins with.</summary>
    public const string Prefix = "sha256:";

    const int TextLength = 7 + (2 * SizeBytes);

    readonly UInt128 high;
    readonly UInt128 low;

    /// <summary>Takes a hash that is already known.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public ContentHash(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != SizeBytes)
        {
            throw new ArgumentException($"a SHA-256 hash has {SizeBytes} bytes, not {hash.Length}", nameof(hash));
        }
        high = BinaryPrimitives.ReadUInt128BigEndian(hash);
        low = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsZero => high == UInt128.Zero && low == UInt128.Zero;

    /// <summary>The hash as 64 lower-case hex digits, without the prefix.</summary>
    public string Hex => $"{high:x32}{low:x32}";

    /// <summary>Hashes bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        Sha256Hasher.Hash(content, hash);
        return new ContentHash(hash);
    }

    /// <summary>Hashes the UTF-8 form of a text.</summary>
    public static ContentHash OfText(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Hashes a stream from where it stands to its end.</summary>
    public static ContentHash OfStream(Stream content)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        SHA256.HashData(content, hash);
        return new ContentHash(hash);
    }

    /// <inheritdoc cref="OfStream"/>
    public static async Task<ContentHash> OfStreamAsync(Stream content, CancellationToken cancellation = default) =>
        new(await SHA256.HashDataAsync(content, cancellation));

    /// <summary>
    /// SHA-256 over salt ‖ content: the hash of something short enough to be guessed, such as a prompt.
    /// </summary>
    public static ContentHash OfSalted(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content)
    {
        using var hasher = new Sha256Hasher();
        hasher.Append(salt);
        hasher.Append(content);
        Span<byte> hash = stackalloc byte[SizeBytes];
        hasher.Finish(hash);
        return new ContentHash(hash);
    }

    /// <exception cref="FormatException">Not the text form of a hash.</exception>
    public static ContentHash Parse(string text) =>
        TryParse(text, out var hash)
            ? hash
            : throw new FormatException($"'{text}' is not a content hash (sha256: and 64 lower-case hex digits)");

    public static bool TryParse([NotNullWhen(true)] string? text, out ContentHash hash)
    {
        hash = default;
        if (text is null || text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }
        Span<byte> bytes = stackalloc byte[SizeBytes];
        if (!LowerHex.TryDecode(text.AsSpan(Prefix.Length), bytes))
        {
            return false;
        }
        hash = new ContentHash(bytes);
        return true;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], low);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(ContentHash other)
    {
        var order = high.CompareTo(other.high);
        return order != 0 ? order : low.CompareTo(other.low);
    }

    public override string ToString() => Prefix + Hex;
}
