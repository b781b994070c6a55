using System.Security.Cryptography;

namespace OpenLedger;

/// <summary>Ed25519 of RFC 8032, through OpenSSL.</summary>
public static class Ed25519
{
    /// <summary>Bytes of a seed, which is the secret key of RFC 8032.</summary>
    public const int SeedSizeBytes = 32;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeySizeBytes = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSizeBytes = 64;

    /// <summary>Whether the signature is the key's over the message. Keys and signatures of a wrong size are simply not valid.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeySizeBytes || signature.Length != SignatureSizeBytes)
        {
            return false;
        }
        using var key = Libcrypto.EVP_PKEY_new_raw_public_key(Libcrypto.KeyTypeEd25519, IntPtr.Zero, publicKey, PublicKeySizeBytes);
        if (key.IsInvalid)
        {
            Libcrypto.ERR_clear_error();
            return false;
        }
        using var context = Libcrypto.EVP_MD_CTX_new();
        var valid = Libcrypto.EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1
            && Libcrypto.EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        if (!valid)
        {
            // A refused signature leaves its reason in the thread's error queue, where the next caller would trip over it.
            Libcrypto.ERR_clear_error();
        }
        return valid;
    }
}

/// <summary>An Ed25519 secret key. Dispose it: the key lives in OpenSSL's memory.</summary>
public sealed class Ed25519PrivateKey : IDisposable
{
    readonly Libcrypto.KeyHandle handle;
    readonly byte[] publicKey = new byte[Ed25519.PublicKeySizeBytes];

    Ed25519PrivateKey(Libcrypto.KeyHandle handle)
    {
        this.handle = handle;
        nuint sizeBytes = Ed25519.PublicKeySizeBytes;
        if (Libcrypto.EVP_PKEY_get_raw_public_key(handle, publicKey, ref sizeBytes) != 1 || sizeBytes != Ed25519.PublicKeySizeBytes)
        {
            throw new CryptographicException("libcrypto did not give the public key");
        }
    }

    /// <summary>The 32-byte public key.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>The account address that this key holds.</summary>
    public AccountAddress Address => AccountAddress.FromPublicKey(publicKey);

    /// <summary>The key of a 32-byte seed.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SeedSizeBytes)
        {
            throw new ArgumentException($"an Ed25519 seed has {Ed25519.SeedSizeBytes} bytes, not {seed.Length}", nameof(seed));
        }
        var handle = Libcrypto.EVP_PKEY_new_raw_private_key(Libcrypto.KeyTypeEd25519, IntPtr.Zero, seed, (nuint)seed.Length);
        return handle.IsInvalid
            ? throw new CryptographicException("libcrypto refused the seed: this build of OpenSSL has no Ed25519")
            : new Ed25519PrivateKey(handle);
    }

    /// <summary>A new key from a source of randomness.</summary>
    public static Ed25519PrivateKey Generate(IdSource ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var seed = ids.NextBytes(Ed25519.SeedSizeBytes);
        try
        {
            return FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The 64-byte signature over a message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        using var context = Libcrypto.EVP_MD_CTX_new();
        var signature = new byte[Ed25519.SignatureSizeBytes];
        nuint sizeBytes = Ed25519.SignatureSizeBytes;
        var signed = Libcrypto.EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, handle) == 1
            && Libcrypto.EVP_DigestSign(context, signature, ref sizeBytes, message, (nuint)message.Length) == 1;
        return signed && sizeBytes == Ed25519.SignatureSizeBytes
            ? signature
            : throw new CryptographicException("libcrypto did not sign");
    }

    /// <summary>
    /// A secret for another purpose, by HKDF-SHA-256 (RFC 5869) from the seed: whoever learns it learns neither the key nor what was
    /// derived for any other purpose.
    /// </summary>
    /// <param name="purpose">What it is for; another text gives an unrelated secret.</param>
    /// <param name="sizeBytes">1 to 8,160.</param>
    public byte[] DeriveSecret(string purpose, int sizeBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        var seed = new byte[Ed25519.SeedSizeBytes];
        nuint seedSizeBytes = Ed25519.SeedSizeBytes;
        try
        {
            if (Libcrypto.EVP_PKEY_get_raw_private_key(handle, seed, ref seedSizeBytes) != 1 || seedSizeBytes != Ed25519.SeedSizeBytes)
            {
                throw new CryptographicException("libcrypto did not give the seed");
            }
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, sizeBytes, info: System.Text.Encoding.UTF8.GetBytes(purpose));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    public void Dispose() => handle.Dispose();
}
