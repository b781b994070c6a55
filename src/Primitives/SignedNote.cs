using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenLedger;

/// <summary>A text in one of the C2SP formats breaks its rules.</summary>
public sealed class ProofFormatException : UserErrorException
{
    public ProofFormatException(string message)
        : base(message)
    {
    }
}

/// <summary>One signature line of a note: who says to have signed, and the bytes.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="KeyId">The first four bytes of the key's hash, big-endian.</param>
/// <param name="Signature">What follows the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);

/// <summary>
/// The public half of a note key, C2SP <c>signed-note</c>: text form <c>name+hash+base64(type ‖ key)</c>, hash in 8 lower-case hex digits.
/// </summary>
public sealed class NoteVerifier
{
    internal const byte TypeEd25519 = 1;
    readonly byte[] publicKey;

    /// <exception cref="ProofFormatException">The name is empty or holds a space, a control character or a plus.</exception>
    public NoteVerifier(string name, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name))
        {
            throw new ProofFormatException($"'{name}' cannot name a key: no spaces, no plus, and not empty");
        }
        if (publicKey.Length != Ed25519.PublicKeySizeBytes)
        {
            throw new ArgumentException($"an Ed25519 public key has {Ed25519.PublicKeySizeBytes} bytes", nameof(publicKey));
        }
        Name = name;
        this.publicKey = publicKey.ToArray();
        KeyId = KeyIdOf(name, TypeEd25519, publicKey);
    }

    public string Name { get; }

    public uint KeyId { get; }

    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>Parses the text form and checks that the hash is the key's.</summary>
    /// <exception cref="ProofFormatException">Says what does not fit.</exception>
    public static NoteVerifier Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]))
        {
            throw new ProofFormatException("a log key has the form name+hash+base64, as `openledger log key` prints it");
        }
        Span<byte> id = stackalloc byte[sizeof(uint)];
        if (!LowerHex.TryDecode(parts[1], id) || !StrictBase64.TryDecode(parts[2], out var key))
        {
            throw new ProofFormatException($"the log key of '{parts[0]}' is damaged: its hash or its base64 is not canonical");
        }
        if (key.Length != 1 + Ed25519.PublicKeySizeBytes || key[0] != TypeEd25519)
        {
            throw new ProofFormatException($"the log key of '{parts[0]}' is not an Ed25519 key");
        }
        var verifier = new NoteVerifier(parts[0], key.AsSpan(1));
        return verifier.KeyId == BinaryPrimitives.ReadUInt32BigEndian(id)
            ? verifier
            : throw new ProofFormatException($"the log key of '{parts[0]}' is damaged: its hash does not belong to it");
    }

    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => Ed25519.Verify(publicKey, text, signature);

    public override string ToString()
    {
        var key = new byte[1 + publicKey.Length];
        key[0] = TypeEd25519;
        publicKey.CopyTo(key, 1);
        return $"{Name}+{KeyId.ToString("x8", CultureInfo.InvariantCulture)}+{Convert.ToBase64String(key)}";
    }

    internal static bool IsName(string? name) =>
        !string.IsNullOrEmpty(name) && name.All(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c != '+');

    /// <summary>The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key), big-endian.</summary>
    internal static uint KeyIdOf(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hasher.AppendData(Encoding.UTF8.GetBytes(name));
        hasher.AppendData([(byte)'\n', type]);
        hasher.AppendData(publicKey);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = hasher.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}

/// <summary>A note key that signs. Owns the private key and disposes it.</summary>
public sealed class NoteSigner : IDisposable
{
    const string PrivatePrefix = "PRIVATE+KEY+";
    readonly Ed25519PrivateKey key;

    public NoteSigner(string name, Ed25519PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        this.key = key;
        Verifier = new NoteVerifier(name, key.PublicKey);
    }

    public string Name => Verifier.Name;

    public NoteVerifier Verifier { get; }

    /// <summary>
    /// The text form of a private key, <c>PRIVATE+KEY+name+hash+base64(type ‖ seed)</c>: for a file that nobody else can read.
    /// </summary>
    public static string PrivateText(string name, ReadOnlySpan<byte> seed)
    {
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var verifier = new NoteVerifier(name, key.PublicKey);
        return $"{PrivatePrefix}{name}+{verifier.KeyId.ToString("x8", CultureInfo.InvariantCulture)}+"
            + Convert.ToBase64String([NoteVerifier.TypeEd25519, .. seed]);
    }

    /// <summary>The signer of a private key's text form.</summary>
    /// <exception cref="ProofFormatException">The text is damaged; it is not repeated in the message.</exception>
    public static NoteSigner Parse(string privateText)
    {
        ArgumentNullException.ThrowIfNull(privateText);
        var isPrivate = privateText.StartsWith(PrivatePrefix, StringComparison.Ordinal);
        var parts = isPrivate ? privateText[PrivatePrefix.Length..].Split('+', 3) : [];
        Span<byte> id = stackalloc byte[sizeof(uint)];
        if (parts.Length != 3 || !LowerHex.TryDecode(parts[1], id) || !StrictBase64.TryDecode(parts[2], out var seed)
            || seed.Length != 1 + Ed25519.SeedSizeBytes || seed[0] != NoteVerifier.TypeEd25519)
        {
            throw new ProofFormatException("the private log key is damaged: restore it from a copy");
        }
        var signer = new NoteSigner(parts[0], Ed25519PrivateKey.FromSeed(seed.AsSpan(1)));
        CryptographicOperations.ZeroMemory(seed);
        return signer.Verifier.KeyId == BinaryPrimitives.ReadUInt32BigEndian(id)
            ? signer
            : throw new ProofFormatException("the private log key is damaged: its hash does not belong to it");
    }

    /// <summary>The signature line over a text, with its newline.</summary>
    public string SignatureLine(ReadOnlySpan<byte> text)
    {
        var signature = key.Sign(text);
        var bytes = new byte[sizeof(uint) + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Verifier.KeyId);
        signature.CopyTo(bytes, sizeof(uint));
        return $"— {Name} {Convert.ToBase64String(bytes)}\n";
    }

    /// <inheritdoc cref="Ed25519PrivateKey.DeriveSecret"/>
    public byte[] DeriveSecret(string purpose, int sizeBytes) => key.DeriveSecret(purpose, sizeBytes);

    public void Dispose() => key.Dispose();
}

/// <summary>
/// A text with signatures, C2SP <c>signed-note</c>. Parsing takes the canonical form only: strict UTF-8, no control characters but the
/// newline, canonical base64, so that two files with one meaning are one file.
/// </summary>
public sealed class SignedNote
{
    /// <summary>Signatures that a note may carry: what the specification asks every verifier to accept at least.</summary>
    public const int SignaturesMax = 16;

    /// <summary>Bytes that a note may have.</summary>
    public const int SizeBytesMax = 1 << 20;

    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed, with its last newline.</summary>
    public string Text { get; }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Signs a text, which ends in a newline, with every signer.</summary>
    public static string Sign(string text, params ReadOnlySpan<NoteSigner> signers)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.EndsWith('\n'))
        {
            throw new ArgumentException("the text of a note ends in a newline", nameof(text));
        }
        var bytes = strictUtf8.GetBytes(text);
        var note = new StringBuilder(text).Append('\n');
        foreach (var signer in signers)
        {
            _ = note.Append(signer.SignatureLine(bytes));
        }
        return note.ToString();
    }

    /// <summary>The lines of its signatures, each as it is written in a note.</summary>
    public IEnumerable<string> SignatureLines => Signatures.Select(LineOf);

    /// <summary>A signature line, with its newline.</summary>
    public static string LineOf(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        var bytes = new byte[sizeof(uint) + signature.Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
        signature.Signature.CopyTo(bytes, sizeof(uint));
        return $"— {signature.Name} {Convert.ToBase64String(bytes)}\n";
    }

    /// <summary>Parses signature lines alone, as a witness answers with them.</summary>
    /// <exception cref="ProofFormatException">Says which rule they break.</exception>
    public static IReadOnlyList<NoteSignature> ParseSignatures(ReadOnlySpan<byte> lines) =>
        Parse([.. "x\n\n"u8, .. lines]) is { Text: "x\n" } note
            ? note.Signatures
            : throw new ProofFormatException("expected signature lines and nothing else");

    /// <summary>Parses a note; says nothing yet about its signatures.</summary>
    /// <exception cref="ProofFormatException">Says which rule it breaks.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > SizeBytesMax)
        {
            throw new ProofFormatException($"a signed note has at most {SizeBytesMax} bytes");
        }
        string note;
        try
        {
            note = strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProofFormatException("the signed note is not UTF-8");
        }
        if (note.AsSpan().ContainsAnyInRange('\0', '\t') || note.AsSpan().ContainsAnyInRange('\v', '\x1f'))
        {
            throw new ProofFormatException("the signed note holds a control character other than the newline");
        }
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || !note.EndsWith('\n') || split + 2 == note.Length)
        {
            throw new ProofFormatException("the signed note has no signatures after an empty line");
        }
        var lines = note[(split + 2)..^1].Split('\n');
        if (lines.Length > SignaturesMax)
        {
            throw new ProofFormatException($"the signed note has more than {SignaturesMax} signatures");
        }
        return new SignedNote(note[..(split + 1)], Array.ConvertAll(lines, ParseSignature));
    }

    /// <summary>
    /// Verifies as the specification asks: signatures of unknown keys are passed over, one of a known key that fails refuses the note,
    /// and at least one must hold.
    /// </summary>
    public bool Verify(params ReadOnlySpan<NoteVerifier> verifiers)
    {
        var text = strictUtf8.GetBytes(Text);
        var verified = false;
        foreach (var signature in Signatures)
        {
            foreach (var verifier in verifiers)
            {
                if (verifier.Name != signature.Name || verifier.KeyId != signature.KeyId)
                {
                    continue;
                }
                if (!verifier.Verify(text, signature.Signature))
                {
                    return false;
                }
                verified = true;
            }
        }
        return verified;
    }

    static NoteSignature ParseSignature(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length != 3 || parts[0] != "—" || !NoteVerifier.IsName(parts[1]))
        {
            throw new ProofFormatException("a signature line is an em dash, the key's name and base64, with single spaces between");
        }
        return StrictBase64.TryDecode(parts[2], out var bytes) && bytes.Length > sizeof(uint)
            ? new NoteSignature(parts[1], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[sizeof(uint)..])
            : throw new ProofFormatException($"the signature of '{parts[1]}' is not canonical base64 of a key id and a signature");
    }
}
