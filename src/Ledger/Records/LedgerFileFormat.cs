using System.IO.Hashing;

namespace OpenLedger.Ledger;

/// <summary>
/// Every file of a ledger ends with the XXH3-128 of what stands before it: against damage, not against malice, for whoever can write there
/// can write the journal too, and <c>openledger fsck</c> makes everything anew.
/// </summary>
static class LedgerFileFormat
{
    public const int HashSizeBytes = 16;

    public static void Write(ILedgerFiles files, string name, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var hasher = new XxHash128();
        foreach (var part in parts)
        {
            hasher.Append(part.Span);
        }
        files.Write(name, [.. parts, hasher.GetCurrentHash()]);
    }

    /// <exception cref="LedgerFileException">The bytes do not have the hash that they end with.</exception>
    public static void Verify(string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HashSizeBytes || !XxHash128.Hash(bytes[..^HashSizeBytes]).AsSpan().SequenceEqual(bytes[^HashSizeBytes..]))
        {
            throw new LedgerFileException(name, "is damaged: its bytes do not have its hash");
        }
    }
}

/// <summary>A file that follows from the journal is missing or damaged. Removing the ledger's files heals it.</summary>
public sealed class LedgerFileException(string name, string problem)
    : Exception($"the ledger's file '{name}' {problem}; remove the ledger's files (not its journal), and the next start makes them anew")
{
    public string Name { get; } = name;
}
