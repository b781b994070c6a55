using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenLedger;

/// <summary>
/// The public half of a witness's key, C2SP <c>tlog-cosignature</c>, Ed25519 (type 4): text form <c>name+hash+base64(4 ‖ key)</c>.
/// </summary>
public sealed class CosignatureVerifier
{
    internal const byte TypeCosignature = 4;
    readonly byte[] publicKey;

    /// <exception cref="ProofFormatException">The name is empty or holds a space, a control character or a plus.</exception>
    public CosignatureVerifier(string name, ReadOnlySpan<byte> publicKey)
    {
        if (!NoteVerifier.IsName(name))
        {
            throw new ProofFormatException($"'{name}' cannot name a key: no spaces, no plus, and not empty");
        }
        if (publicKey.Length != Ed25519.PublicKeySizeBytes)
        {
            throw new ArgumentException($"an Ed25519 public key has {Ed25519.PublicKeySizeBytes} bytes", nameof(publicKey));
        }
        Name = name;
        this.publicKey = publicKey.ToArray();
        KeyId = NoteVerifier.KeyIdOf(name, TypeCosignature, publicKey);
    }

    public string Name { get; }

    public uint KeyId { get; }

    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>Parses the text form and checks that the hash is the key's.</summary>
    /// <exception cref="ProofFormatException">Says what does not fit.</exception>
    public static CosignatureVerifier Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+', 3);
        Span<byte> id = stackalloc byte[sizeof(uint)];
        if (parts.Length != 3 || !NoteVerifier.IsName(parts[0]) || !LowerHex.TryDecode(parts[1], id)
            || !StrictBase64.TryDecode(parts[2], out var key))
        {
            throw new ProofFormatException($"'{text}' is not a witness key: it has the form name+hash+base64, as its operator prints it");
        }
        if (key.Length != 1 + Ed25519.PublicKeySizeBytes || key[0] != TypeCosignature)
        {
            throw new ProofFormatException(
                $"the key of '{parts[0]}' is not a witness's: expected type 4 (Ed25519 cosignatures) and "
                + $"{Ed25519.PublicKeySizeBytes} bytes");
        }
        var verifier = new CosignatureVerifier(parts[0], key.AsSpan(1));
        return verifier.KeyId == BinaryPrimitives.ReadUInt32BigEndian(id)
            ? verifier
            : throw new ProofFormatException($"the witness key of '{parts[0]}' is damaged: its hash does not belong to it");
    }

    /// <summary>Whether a signature says to be this witness's.</summary>
    public bool IsNamedBy(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return signature.Name == Name && signature.KeyId == KeyId;
    }

    /// <summary>Whether the signature is this witness's over a checkpoint's text, and when it was made.</summary>
    /// <param name="checkpointText">The signed text, with its last newline.</param>
    /// <param name="timestamp">Seconds since 1970-01-01 UTC.</param>
    public bool Verify(string checkpointText, NoteSignature signature, out ulong timestamp)
    {
        ArgumentNullException.ThrowIfNull(checkpointText);
        timestamp = 0;
        if (!IsNamedBy(signature) || signature.Signature.Length != sizeof(ulong) + Ed25519.SignatureSizeBytes)
        {
            return false;
        }
        timestamp = BinaryPrimitives.ReadUInt64BigEndian(signature.Signature);
        return timestamp <= long.MaxValue
            && Ed25519.Verify(publicKey, Message(checkpointText, timestamp), signature.Signature.AsSpan(sizeof(ulong)));
    }

    public override string ToString() =>
        $"{Name}+{KeyId.ToString("x8", CultureInfo.InvariantCulture)}+{Convert.ToBase64String([TypeCosignature, .. publicKey])}";

    /// <summary>What is signed: a header line, a line with the time, and the whole text of the checkpoint.</summary>
    internal static byte[] Message(string checkpointText, ulong timestamp) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {timestamp}\n{checkpointText}"));
}

/// <summary>A witness's key that signs. Owns the private key and disposes it.</summary>
public sealed class CosignatureSigner : IDisposable
{
    const string PrivatePrefix = "PRIVATE+KEY+";
    readonly Ed25519PrivateKey key;

    public CosignatureSigner(string name, Ed25519PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        this.key = key;
        Verifier = new CosignatureVerifier(name, key.PublicKey);
    }

    public CosignatureVerifier Verifier { get; }

    /// <summary>The text form of a private key: for a file that nobody else can read.</summary>
    public static string PrivateText(string name, ReadOnlySpan<byte> seed)
    {
        using var signer = new CosignatureSigner(name, Ed25519PrivateKey.FromSeed(seed));
        return $"{PrivatePrefix}{name}+{signer.Verifier.KeyId.ToString("x8", CultureInfo.InvariantCulture)}+"
            + Convert.ToBase64String([CosignatureVerifier.TypeCosignature, .. seed]);
    }

    /// <summary>The signer of a private key's text form.</summary>
    /// <exception cref="ProofFormatException">The text is damaged; it is not repeated in the message.</exception>
    public static CosignatureSigner Parse(string privateText)
    {
        ArgumentNullException.ThrowIfNull(privateText);
        var isPrivate = privateText.StartsWith(PrivatePrefix, StringComparison.Ordinal);
        var parts = isPrivate ? privateText[PrivatePrefix.Length..].Split('+', 3) : [];
        Span<byte> id = stackalloc byte[sizeof(uint)];
        if (parts.Length != 3 || !LowerHex.TryDecode(parts[1], id) || !StrictBase64.TryDecode(parts[2], out var seed)
            || seed.Length != 1 + Ed25519.SeedSizeBytes || seed[0] != CosignatureVerifier.TypeCosignature)
        {
            throw new ProofFormatException("the private witness key is damaged, or none: restore it from a copy");
        }
        var signer = new CosignatureSigner(parts[0], Ed25519PrivateKey.FromSeed(seed.AsSpan(1)));
        CryptographicOperations.ZeroMemory(seed);
        if (signer.Verifier.KeyId == BinaryPrimitives.ReadUInt32BigEndian(id))
        {
            return signer;
        }
        signer.Dispose();
        throw new ProofFormatException("the private witness key is damaged: its hash does not belong to it");
    }

    /// <summary>The cosignature line over a checkpoint's text, with its newline.</summary>
    /// <param name="timestamp">Seconds since 1970-01-01 UTC, not 0.</param>
    public string SignatureLine(string checkpointText, ulong timestamp)
    {
        ArgumentOutOfRangeException.ThrowIfZero(timestamp);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timestamp, (ulong)long.MaxValue);
        var bytes = new byte[sizeof(ulong) + Ed25519.SignatureSizeBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, timestamp);
        key.Sign(CosignatureVerifier.Message(checkpointText, timestamp)).CopyTo(bytes, sizeof(ulong));
        return SignedNote.LineOf(new NoteSignature(Verifier.Name, Verifier.KeyId, bytes));
    }

    public void Dispose() => key.Dispose();
}

/// <summary>A witness whose cosignature under a checkpoint holds.</summary>
/// <param name="TimeSeconds">When it says to have seen the checkpoint, in seconds since 1970-01-01 UTC.</param>
public sealed record Cosignature(string Witness, ulong TimeSeconds);

/// <summary>Which witnesses are known, and how many of them must have cosigned a checkpoint.</summary>
/// <param name="Threshold">Of the known witnesses; 0 asks for none, but a known one whose signature fails still refuses.</param>
public sealed record WitnessPolicy(IReadOnlyList<CosignatureVerifier> Witnesses, int Threshold)
{
    /// <summary>Witnesses of a policy: as many as a note may have signatures beside the log's.</summary>
    public const int WitnessesMax = SignedNote.SignaturesMax - 1;

    /// <summary>No witness is known: their lines are passed over.</summary>
    public static WitnessPolicy None { get; } = new([], 0);

    /// <summary>The cosignatures that hold, or why the checkpoint cannot stand.</summary>
    public (IReadOnlyList<Cosignature> Held, string? Problem) Check(SignedNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var held = new Dictionary<string, Cosignature>(StringComparer.Ordinal);
        foreach (var signature in note.Signatures)
        {
            foreach (var witness in Witnesses.Where(witness => witness.IsNamedBy(signature)))
            {
                if (!witness.Verify(note.Text, signature, out var timestamp))
                {
                    return ([], $"the cosignature of the witness '{witness.Name}' does not hold");
                }
                held[witness.ToString()] = new Cosignature(witness.Name, timestamp);
            }
        }
        return held.Count >= Threshold
            ? ([.. held.Values], null)
            : ([], $"{held.Count} of the {Witnesses.Count} known witnesses have cosigned the checkpoint, {Threshold} are asked for");
    }
}
