using System.Buffers.Binary;

namespace OpenLedger.Ledger;

/// <content>The right edge as bytes, so that a snapshot of the ledger need not read the log.</content>
public sealed partial class MerkleLog
{
    const byte EdgeVersion = 1;
    const int EdgeHeaderSizeBytes = 1 + sizeof(ulong);

    /// <summary>
    /// What <see cref="Restore"/> needs to go on from here, beside the tiles, which are written first; flush their store before the edge is
    /// relied on. Version (1 byte), size (8, big-endian), the hashes of the partial tile of each level from 0 up, the entries of the
    /// partial bundle. At most 72 KiB.
    /// </summary>
    public byte[] SaveEdge()
    {
        Flush();
        var bytes = new byte[EdgeSizeBytes(Size)];
        bytes[0] = EdgeVersion;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), Size);
        var at = EdgeHeaderSizeBytes;
        for (var level = 0; level <= LogTile.LevelMax; level++)
        {
            var width = EdgeWidth(level);
            if (width > 0)
            {
                edge[level]!.Hashes(width).CopyTo(bytes.AsSpan(at));
                at += width * ContentHash.SizeBytes;
            }
        }
        entries.AsSpan(0, EdgeWidth(0) * LogTile.BundledEntrySizeBytes).CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>
    /// The log of an edge, over the tiles of a store, of which the first and the last full ones must be there: a store that was lost, or
    /// restored from an older copy, is noticed here. Compare its <see cref="Root"/> with the one that is expected.
    /// </summary>
    /// <param name="size">Leaves that the log must have.</param>
    /// <param name="edge">What <see cref="SaveEdge"/> gave.</param>
    /// <exception cref="LogEdgeException">The bytes are damaged or of another size, or tiles before them are missing.</exception>
    public static MerkleLog Restore(
        ITileStore? store, ulong size, ReadOnlySpan<byte> edge, int cachedTiles = CachedTilesDefault)
    {
        if (edge.Length < EdgeHeaderSizeBytes || edge[0] != EdgeVersion)
        {
            throw new LogEdgeException($"its first byte should be {EdgeVersion}");
        }
        if (BinaryPrimitives.ReadUInt64BigEndian(edge[1..]) != size || edge.Length != EdgeSizeBytes(size))
        {
            throw new LogEdgeException($"it is not that of {size} leaves");
        }
        var log = new MerkleLog(store, cachedTiles) { Size = size };
        var at = EdgeHeaderSizeBytes;
        for (var level = 0; level <= LogTile.LevelMax; level++)
        {
            var sizeBytes = log.EdgeWidth(level) * ContentHash.SizeBytes;
            if (sizeBytes > 0)
            {
                log.EdgeTile(level).Fill(edge.Slice(at, sizeBytes));
                at += sizeBytes;
            }
        }
        edge[at..].CopyTo(log.entries);
        log.CheckEntries();
        log.CheckTiles();
        return log;
    }

    void CheckEntries()
    {
        Span<byte> hash = stackalloc byte[ContentHash.SizeBytes];
        for (var slot = 0; slot < EdgeWidth(0); slot++)
        {
            var entry = entries.AsSpan(slot * LogTile.BundledEntrySizeBytes, LogTile.BundledEntrySizeBytes);
            TreeHasher.Leaf(entry[sizeof(ushort)..], hash);
            if (BinaryPrimitives.ReadUInt16BigEndian(entry) != LogLeaf.SizeBytes || !hash.SequenceEqual(edge[0]!.Node(0, slot)))
            {
                throw new LogEdgeException($"entry {(Size & ~(ulong)(LogTile.WidthMax - 1)) + (ulong)slot} does not have its hash");
            }
        }
    }

    void CheckTiles()
    {
        try
        {
            for (var level = 0; level < LogTile.LevelMax && Size >> (LogTile.Height * (level + 1)) is > 0 and var count; level++)
            {
                _ = TileAt(level, 0);
                _ = TileAt(level, count - 1);
            }
        }
        catch (TileDamagedException exception)
        {
            throw new LogEdgeException(exception.Message);
        }
        foreach (var index in Size < LogTile.WidthMax ? [] : new[] { 0, (Size >> LogTile.Height) - 1 })
        {
            var bundle = new LogTile(LogTile.Entries, index, LogTile.WidthMax);
            if (store.Read(bundle) is not { } bytes || bytes.Length != bundle.SizeBytes)
            {
                throw new LogEdgeException($"{bundle.Path} is missing");
            }
        }
    }

    static int EdgeSizeBytes(ulong size)
    {
        var hashes = 0;
        for (var rest = size; rest > 0; rest >>= LogTile.Height)
        {
            hashes += (int)(rest & (LogTile.WidthMax - 1));
        }
        return EdgeHeaderSizeBytes + (hashes * ContentHash.SizeBytes)
            + ((int)(size & (LogTile.WidthMax - 1)) * LogTile.BundledEntrySizeBytes);
    }
}

/// <summary>The saved edge of a log is damaged.</summary>
public sealed class LogEdgeException(string problem)
    : UserErrorException($"the saved edge of the log is damaged: {problem}; replaying the journal makes it anew");
