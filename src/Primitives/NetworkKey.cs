using System.Security.Cryptography;

namespace OpenLedger;

/// <summary>
/// What proves to one silo that another of the same network asks: HMAC-SHA-256 under a secret that every silo derives from the log's
/// signing key, and nobody else can. It stands where an account's request carries a signature.
/// </summary>
public sealed class NetworkKey
{
    /// <summary>The account in whose name a network asks. It holds no money: it is no account of the book.</summary>
    public const string Account = "sys_network";

    /// <summary>Bytes of a proof.</summary>
    public const int ProofSizeBytes = HMACSHA256.HashSizeInBytes;

    const string Purpose = "openledger/network-authority/v1";
    readonly byte[] secret;

    NetworkKey(string network, byte[] secret)
    {
        Network = network;
        this.secret = secret;
    }

    /// <summary>The network's name: its log's origin.</summary>
    public string Network { get; }

    /// <summary>The key of the network whose log this key signs.</summary>
    public static NetworkKey Of(NoteSigner log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new NetworkKey(log.Name, log.DeriveSecret(Purpose, HMACSHA256.HashSizeInBytes));
    }

    /// <summary>The 32-byte proof over a message.</summary>
    public byte[] Prove(ReadOnlySpan<byte> message) => HMACSHA256.HashData(secret, message);

    /// <summary>Whether the proof is this network's over the message. The comparison takes as long whatever differs.</summary>
    public bool Holds(ReadOnlySpan<byte> message, ReadOnlySpan<byte> proof)
    {
        Span<byte> expected = stackalloc byte[ProofSizeBytes];
        _ = HMACSHA256.HashData(secret, message, expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof);
    }
}
