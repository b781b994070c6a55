using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OpenLedger;

/// <summary>
/// SHA-256 of short messages, thousands at a time: libcrypto's block function without the objects that its usual door makes and frees for
/// every message (some 400 ns of 500 for the node of a tree). Where libcrypto lacks that door, the runtime's own.
/// </summary>
public ref struct Sha256Hasher : IDisposable
{
    // A message longer than this would hold a garbage collection up.
    const int ShortSizeBytesMax = 4096;

    static readonly bool isDirect = Libcrypto.HasSha256();

    Context context;
    readonly IncrementalHash? other;

    /// <summary>Begins a message.</summary>
    public unsafe Sha256Hasher()
    {
        context = default;
        if (isDirect)
        {
            _ = Libcrypto.SHA256_Init((Context*)Unsafe.AsPointer(ref context));
        }
        else
        {
            other = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
    }

    /// <summary>The hash of one message.</summary>
    /// <param name="hash">Takes 32 bytes.</param>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        using var hasher = new Sha256Hasher();
        hasher.Append(message);
        hasher.Finish(hash);
    }

    /// <summary>Adds bytes to the message.</summary>
    public unsafe void Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (other is not null)
        {
            other.AppendData(bytes);
            return;
        }
        fixed (byte* start = bytes)
        {
            // This struct is on the stack, where it does not move.
            var state = (Context*)Unsafe.AsPointer(ref context);
            _ = bytes.Length <= ShortSizeBytesMax
                ? Libcrypto.SHA256_Update_Short(state, start, (nuint)bytes.Length)
                : Libcrypto.SHA256_Update(state, start, (nuint)bytes.Length);
        }
    }

    /// <summary>Ends the message.</summary>
    /// <param name="hash">Takes 32 bytes.</param>
    public unsafe void Finish(scoped Span<byte> hash)
    {
        if (hash.Length < ContentHash.SizeBytes)
        {
            throw new ArgumentException($"a SHA-256 hash has {ContentHash.SizeBytes} bytes", nameof(hash));
        }
        if (other is not null)
        {
            _ = other.GetHashAndReset(hash);
            return;
        }
        fixed (byte* start = hash)
        {
            _ = Libcrypto.SHA256_Final(start, (Context*)Unsafe.AsPointer(ref context));
        }
    }

    public readonly void Dispose() => other?.Dispose();

    /// <summary>OpenSSL's <c>SHA256_CTX</c>, which has 112 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct Context;
}
