using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>
/// The 128-bit id of a transfer, made by the client: what makes a retry harmless. Zero and 2¹²⁸ − 1 are no ids.
/// The text form is 32 lower-case hex digits.
/// </summary>
[JsonConverter(typeof(TransferIdJsonConverter))]
public readonly record struct TransferId(UInt128 Value) : IComparable<TransferId>
{
    /// <summary>Bytes of an id.</summary>
    public const int SizeBytes = 16;

    /// <summary>False for zero and for 2¹²⁸ − 1, which the book refuses.</summary>
    public bool IsValid => Value != UInt128.Zero && Value != UInt128.MaxValue;

    /// <summary>
    /// The id that belongs to a seed, such as <c>rc_abc/fee/0</c>: the first 16 bytes of its SHA-256. The same seed gives the same id,
    /// so that whoever retries need not remember one.
    /// </summary>
    public static TransferId From(string seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Sha256Hasher.Hash(Encoding.UTF8.GetBytes(seed), hash);
        return new TransferId(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <exception cref="FormatException">Not 32 lower-case hex digits.</exception>
    public static TransferId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a transfer id (32 lower-case hex digits)");

    public static bool TryParse([NotNullWhen(true)] string? text, out TransferId id)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        var parsed = text is not null && LowerHex.TryDecode(text, bytes);
        id = parsed ? new TransferId(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : default;
        return parsed;
    }

    public int CompareTo(TransferId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
