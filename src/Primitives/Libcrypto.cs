using System.Reflection;
using System.Runtime.InteropServices;

namespace OpenLedger;

/// <summary>The Ed25519 part of OpenSSL's libcrypto, 1.1.1 or 3.x.</summary>
static partial class Libcrypto
{
    const string Library = "openledger-libcrypto";
    internal const int KeyTypeEd25519 = 1087;

    // The runtime image of a distribution has the versioned name only; the others cover developers' machines.
    static readonly string[] candidates =
    [
        "libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", "libcrypto.3.dylib", "libcrypto.dylib", "libcrypto-3-x64.dll",
        "libcrypto-3-arm64.dll",
    ];

    static Libcrypto() => NativeLibrary.SetDllImportResolver(typeof(Libcrypto).Assembly, Resolve);

    static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library)
        {
            return IntPtr.Zero;
        }
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out var handle))
            {
                return handle;
            }
        }
        throw new UserErrorException(
            $"OpenSSL's libcrypto was not found (looked for {string.Join(", ", candidates)}): "
            + "install OpenSSL 3 (Debian: apt-get install libssl3)");
    }

    [LibraryImport(Library)]
    internal static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint sizeBytes);

    [LibraryImport(Library)]
    internal static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint sizeBytes);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> publicKey, ref nuint sizeBytes);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_get_raw_private_key(KeyHandle key, Span<byte> seed, ref nuint sizeBytes);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(IntPtr key);

    [LibraryImport(Library)]
    internal static partial DigestHandle EVP_MD_CTX_new();

    [LibraryImport(Library)]
    internal static partial void EVP_MD_CTX_free(IntPtr context);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSignInit(DigestHandle context, IntPtr keyContext, IntPtr digest, IntPtr engine, KeyHandle key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSign(
        DigestHandle context, Span<byte> signature, ref nuint signatureSizeBytes, ReadOnlySpan<byte> message, nuint messageSizeBytes);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerifyInit(DigestHandle context, IntPtr keyContext, IntPtr digest, IntPtr engine, KeyHandle key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerify(
        DigestHandle context, ReadOnlySpan<byte> signature, nuint signatureSizeBytes, ReadOnlySpan<byte> message, nuint messageSizeBytes);

    [LibraryImport(Library)]
    internal static partial void ERR_clear_error();

    /// <summary>Whether the library has the three functions of SHA-256 alone, which some builds leave out as deprecated.</summary>
    internal static bool HasSha256()
    {
        var handle = Resolve(Library, typeof(Libcrypto).Assembly, null);
        return NativeLibrary.TryGetExport(handle, nameof(SHA256_Init), out _)
            && NativeLibrary.TryGetExport(handle, nameof(SHA256_Update), out _)
            && NativeLibrary.TryGetExport(handle, nameof(SHA256_Final), out _);
    }

    [LibraryImport(Library), SuppressGCTransition]
    internal static unsafe partial int SHA256_Init(Sha256Hasher.Context* context);

    [LibraryImport(Library)]
    internal static unsafe partial int SHA256_Update(Sha256Hasher.Context* context, byte* data, nuint sizeBytes);

    [LibraryImport(Library, EntryPoint = nameof(SHA256_Update)), SuppressGCTransition]
    internal static unsafe partial int SHA256_Update_Short(Sha256Hasher.Context* context, byte* data, nuint sizeBytes);

    [LibraryImport(Library), SuppressGCTransition]
    internal static unsafe partial int SHA256_Final(byte* hash, Sha256Hasher.Context* context);

    internal sealed class KeyHandle : SafeHandle
    {
        public KeyHandle()
            : base(IntPtr.Zero, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    internal sealed class DigestHandle : SafeHandle
    {
        public DigestHandle()
            : base(IntPtr.Zero, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}
