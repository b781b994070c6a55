using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>
/// An account's key in a file: public members in clear, the Ed25519 seed encrypted with AES-256-GCM under a key that
/// PBKDF2-HMAC-SHA-512 makes of a passphrase. All public members are the cipher's associated data, so that a file whose address,
/// iterations or anything else was changed does not open. The same derivation gives 16 bytes of check, by which a wrong passphrase is told
/// from a damaged file.
/// </summary>
public sealed class AccountKeyFile
{
    /// <summary>Version of the format.</summary>
    public const int FormatVersion = 1;

    /// <summary>What <c>type</c> says.</summary>
    public const string TypeName = "openledger-account-key";

    /// <summary>
    /// Iterations of a new file: about three times what OWASP's Password Storage Cheat Sheet asks of PBKDF2-HMAC-SHA-512 (210,000).
    /// </summary>
    public const int IterationsDefault = 600_000;

    /// <summary>Characters that a passphrase has at least.</summary>
    public const int PassphraseCharactersMin = 8;

    /// <summary>Characters that the holder's name for the key has at most.</summary>
    public const int NameCharactersMax = 100;

    /// <summary>Bytes that a file may have.</summary>
    public const int SizeBytesMax = 16_384;

    const int IterationsMin = 100_000;
    const int IterationsMax = 10_000_000;
    const int SaltSizeBytes = 32;
    const int CheckSizeBytes = 16;
    const int KeySizeBytes = 32;
    const int NonceSizeBytes = 12;
    const int TagSizeBytes = 16;
    const int TextSizeBytesMax = 1_024;
    const string KdfName = "PBKDF2-HMAC-SHA-512";
    const string AeadName = "AES-256-GCM";

    readonly KeyFileBody body;
    readonly byte[] salt;
    readonly byte[] nonce;
    readonly byte[] check;
    readonly byte[] ciphertext;

    AccountKeyFile(KeyFileBody body, AccountAddress address)
    {
        this.body = body;
        Address = address;
        salt = Bytes(body.Kdf!.Salt, SaltSizeBytes, "kdf.salt");
        check = Bytes(body.Kdf.Check, CheckSizeBytes, "kdf.check");
        nonce = Bytes(body.Aead!.Nonce, NonceSizeBytes, "aead.nonce");
        ciphertext = Bytes(body.Ciphertext, Ed25519.SeedSizeBytes + TagSizeBytes, "ciphertext");
    }

    /// <summary>The account's address.</summary>
    public AccountAddress Address { get; }

    /// <summary>What the holder calls the key; may be empty.</summary>
    public string Name => body.Name ?? "";

    /// <summary>How often the derivation goes round.</summary>
    public int Iterations => body.Kdf!.Iterations;

    /// <summary>Encrypts a seed.</summary>
    /// <param name="name">What the holder calls the key; may be empty.</param>
    /// <param name="ids">Gives salt and nonce.</param>
    /// <param name="iterations">Of the derivation, 100,000 to 10,000,000.</param>
    /// <exception cref="UserErrorException">The passphrase is too short, or the name too long.</exception>
    public static AccountKeyFile Encrypt(
        ReadOnlySpan<byte> seed, string name, string passphrase, IdSource ids, int iterations = IterationsDefault)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, IterationsMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, IterationsMax);
        CheckPassphrase(passphrase);
        if (name.Length > NameCharactersMax)
        {
            throw new UserErrorException($"The key's name has {name.Length} characters; at most {NameCharactersMax} are taken.");
        }
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var salt = ids.NextBytes(SaltSizeBytes);
        var nonce = ids.NextBytes(NonceSizeBytes);
        var derived = Derive(passphrase, salt, iterations);
        var header = new KeyFileBody
        {
            Version = FormatVersion,
            Type = TypeName,
            Name = name,
            Address = key.Address.ToString(),
            PublicKey = Convert.ToBase64String(key.PublicKey),
            Kdf = new KeyFileKdf
            {
                Name = KdfName,
                Iterations = iterations,
                Salt = Convert.ToBase64String(salt),
                Check = Convert.ToBase64String(derived.AsSpan(KeySizeBytes)),
            },
            Aead = new KeyFileAead { Name = AeadName, Nonce = Convert.ToBase64String(nonce) },
        };
        var ciphertext = new byte[Ed25519.SeedSizeBytes + TagSizeBytes];
        using (var cipher = new AesGcm(derived.AsSpan(0, KeySizeBytes), TagSizeBytes))
        {
            cipher.Encrypt(
                nonce, seed, ciphertext.AsSpan(0, Ed25519.SeedSizeBytes), ciphertext.AsSpan(Ed25519.SeedSizeBytes), AssociatedData(header));
        }
        CryptographicOperations.ZeroMemory(derived);
        return new AccountKeyFile(header with { Ciphertext = Convert.ToBase64String(ciphertext) }, key.Address);
    }

    /// <summary>Reads a file; the passphrase is not needed for what is public in it.</summary>
    /// <exception cref="UserErrorException">Not a key file, damaged, or of a version that is not known here.</exception>
    public static AccountKeyFile Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length > SizeBytesMax)
        {
            throw Damaged($"it has more than {SizeBytesMax:N0} bytes");
        }
        KeyFileBody body;
        try
        {
            body = JsonSerializer.Deserialize(file, KeyFileJson.Default.KeyFileBody) ?? throw Damaged("it is empty");
        }
        catch (JsonException exception)
        {
            throw new UserErrorException(
                "This is not an account's key file: it is no JSON object as 'openledger keys new' writes it.", exception);
        }
        if (body.Type != TypeName)
        {
            throw new UserErrorException($"This is not an account's key file: its type is '{body.Type}', not '{TypeName}'.");
        }
        if (body.Version != FormatVersion)
        {
            throw new UserErrorException(
                $"The key file is of version {body.Version}; this program knows version {FormatVersion}. Use a newer program.");
        }
        if (!AccountAddress.TryParse(body.Address, out var address))
        {
            throw Damaged("its address is not one, or its checksum does not match");
        }
        if (body.PublicKey != Convert.ToBase64String(address.PublicKey()))
        {
            throw Damaged("its address does not belong to its public key");
        }
        if (body.Kdf is not { Name: KdfName } || body.Aead is not { Name: AeadName })
        {
            throw Damaged($"it is not encrypted with {KdfName} and {AeadName}");
        }
        return body.Kdf.Iterations is >= IterationsMin and <= IterationsMax && body.Name is null or { Length: <= NameCharactersMax }
            ? new AccountKeyFile(body, address)
            : throw Damaged($"its iterations are not between {IterationsMin:N0} and {IterationsMax:N0}, or its name is too long");
    }

    /// <summary>The file's bytes: JSON, indented, with a newline at its end.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(body, KeyFileJson.Default.KeyFileBody), (byte)'\n'];

    /// <summary>Decrypts the key; the caller disposes it. Takes as long as the derivation does: tenths of a second.</summary>
    /// <exception cref="UserErrorException">The passphrase is wrong, or the file is damaged.</exception>
    public Ed25519PrivateKey Open(string passphrase)
    {
        var seed = Decrypt(passphrase);
        try
        {
            return Ed25519PrivateKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The same key under another passphrase, with a new salt and nonce.</summary>
    /// <inheritdoc cref="Open"/>
    public AccountKeyFile WithPassphrase(string passphrase, string next, IdSource ids, int iterations = IterationsDefault)
    {
        var seed = Decrypt(passphrase);
        try
        {
            return Encrypt(seed, Name, next, ids, iterations);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Refuses a passphrase that is too short to be one.</summary>
    public static void CheckPassphrase(string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        if (passphrase.Length < PassphraseCharactersMin)
        {
            throw new UserErrorException($"A passphrase has at least {PassphraseCharactersMin} characters; several words are better.");
        }
    }

    byte[] Decrypt(string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        var derived = Derive(passphrase, salt, Iterations);
        var seed = new byte[Ed25519.SeedSizeBytes];
        try
        {
            if (!CryptographicOperations.FixedTimeEquals(derived.AsSpan(KeySizeBytes), check))
            {
                throw new UserErrorException($"The passphrase of {Address} is wrong.");
            }
            using var cipher = new AesGcm(derived.AsSpan(0, KeySizeBytes), TagSizeBytes);
            cipher.Decrypt(
                nonce, ciphertext.AsSpan(0, seed.Length), ciphertext.AsSpan(seed.Length), seed, AssociatedData(body));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged("what is encrypted does not belong to the rest");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
        using var key = Ed25519PrivateKey.FromSeed(seed);
        return key.Address == Address ? seed : throw Damaged("its key is another than its address says");
    }

    static byte[] Derive(string passphrase, byte[] salt, int iterations)
    {
        // As it was typed: a machine without ICU normalises nothing, and would open other files than one with it.
        var text = Encoding.UTF8.GetBytes(passphrase);
        try
        {
            return Rfc2898DeriveBytes.Pbkdf2(text, salt, iterations, HashAlgorithmName.SHA512, KeySizeBytes + CheckSizeBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    static byte[] AssociatedData(KeyFileBody header)
    {
        var writer = new CanonicalWriter();
        writer.Raw("openledger/account-key/v1"u8);
        writer.UInt32((uint)header.Version);
        foreach (var text in new[]
        {
            header.Type, header.Name, header.Address, header.PublicKey, header.Kdf!.Name, header.Kdf.Salt, header.Kdf.Check,
            header.Aead!.Name, header.Aead.Nonce,
        })
        {
            writer.Text(text ?? "", TextSizeBytesMax);
        }
        writer.UInt32((uint)header.Kdf.Iterations);
        return writer.ToArray();
    }

    static byte[] Bytes(string? text, int sizeBytes, string field) =>
        text is not null && StrictBase64.TryDecode(text, out var bytes) && bytes.Length == sizeBytes
            ? bytes
            : throw Damaged($"{field} is not {sizeBytes} bytes in base64");

    static UserErrorException Damaged(string problem) => new($"The key file is damaged: {problem}. Restore it from a copy.");
}

sealed record KeyFileBody
{
    public int Version { get; init; }

    public string? Type { get; init; }

    public string? Name { get; init; }

    public string? Address { get; init; }

    public string? PublicKey { get; init; }

    public KeyFileKdf? Kdf { get; init; }

    public KeyFileAead? Aead { get; init; }

    public string? Ciphertext { get; init; }
}

sealed record KeyFileKdf
{
    public string? Name { get; init; }

    public int Iterations { get; init; }

    public string? Salt { get; init; }

    public string? Check { get; init; }
}

sealed record KeyFileAead
{
    public string? Name { get; init; }

    public string? Nonce { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(KeyFileBody))]
sealed partial class KeyFileJson : JsonSerializerContext;
