using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>
/// The address of an account that a key holds: <c>acct_</c>, then base 32 (lower case) of the 32-byte Ed25519 public key and a
/// 4-byte checksum, 63 characters in all. The checksum is the first 4 bytes of SHA-256 over "openledger/address/v1" ‖ key, so a mistyped
/// address is refused before any money moves. The prefix keeps it from being read as hex or as a Guid.
/// </summary>
[JsonConverter(typeof(AccountAddressJsonConverter))]
public readonly record struct AccountAddress : IComparable<AccountAddress>
{
    /// <summary>What every address begins with.</summary>
    public const string Prefix = "acct_";

    const int KeySizeBytes = 32;
    const int ChecksumSizeBytes = 4;
    readonly string? text;

    AccountAddress(string text) => this.text = text;

    /// <summary>The address of an Ed25519 public key.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static AccountAddress FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != KeySizeBytes)
        {
            throw new ArgumentException($"an Ed25519 public key has {KeySizeBytes} bytes, not {publicKey.Length}", nameof(publicKey));
        }
        Span<byte> bytes = stackalloc byte[KeySizeBytes + ChecksumSizeBytes];
        publicKey.CopyTo(bytes);
        Checksum(publicKey, bytes[KeySizeBytes..]);
        return new AccountAddress(Prefix + LowerBase32.Encode(bytes));
    }

    /// <exception cref="AddressFormatException">Not an address, or its checksum does not hold.</exception>
    public static AccountAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new AddressFormatException(text);

    public static bool TryParse([NotNullWhen(true)] string? text, out AccountAddress address)
    {
        address = default;
        Span<byte> bytes = stackalloc byte[KeySizeBytes + ChecksumSizeBytes];
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !LowerBase32.TryDecode(text.AsSpan(Prefix.Length), bytes))
        {
            return false;
        }
        Span<byte> expected = stackalloc byte[ChecksumSizeBytes];
        Checksum(bytes[..KeySizeBytes], expected);
        if (!bytes[KeySizeBytes..].SequenceEqual(expected))
        {
            return false;
        }
        address = new AccountAddress(text);
        return true;
    }

    /// <summary>The 32-byte Ed25519 public key that the address carries.</summary>
    public byte[] PublicKey()
    {
        Span<byte> bytes = stackalloc byte[KeySizeBytes + ChecksumSizeBytes];
        if (!LowerBase32.TryDecode(ToString().AsSpan(Prefix.Length), bytes))
        {
            throw new InvalidOperationException("the default address carries no key");
        }
        return bytes[..KeySizeBytes].ToArray();
    }

    public int CompareTo(AccountAddress other) => string.CompareOrdinal(text, other.text);

    /// <summary>The address; the default value gives an empty text.</summary>
    public override string ToString() => text ?? "";

    static void Checksum(ReadOnlySpan<byte> publicKey, Span<byte> checksum)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hasher.AppendData("openledger/address/v1"u8);
        hasher.AppendData(publicKey);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = hasher.GetHashAndReset(hash);
        hash[..ChecksumSizeBytes].CopyTo(checksum);
    }
}

/// <summary>A text that should be an account address is not one.</summary>
public sealed class AddressFormatException : UserErrorException
{
    public AddressFormatException(string? text)
        : base($"'{Shown(text ?? "")}' is not an account address: it begins with acct_ and ends in a checksum; copy it again in full")
    {
    }

    static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
