namespace OpenLedger.Ledger;

/// <summary>The hashes of a tile and of every tree node between them: eight levels of 256, 128, … 2 nodes, 16,320 bytes.</summary>
sealed class TileNodes
{
    const int SizeBytes = 510 * ContentHash.SizeBytes;
    readonly byte[] bytes = new byte[SizeBytes];

    /// <summary>A node of the tile.</summary>
    /// <param name="level">0 to 7 above the tile's own hashes.</param>
    public Span<byte> Node(int level, int index) =>
        bytes.AsSpan((512 - (512 >> level) + index) * ContentHash.SizeBytes, ContentHash.SizeBytes);

    /// <summary>Two nodes side by side, of which the first has an even index.</summary>
    public ReadOnlySpan<byte> Pair(int level, int index) =>
        bytes.AsSpan((512 - (512 >> level) + index) * ContentHash.SizeBytes, 2 * ContentHash.SizeBytes);

    /// <summary>The tile's own hashes.</summary>
    public Span<byte> Hashes(int width) => bytes.AsSpan(0, width * ContentHash.SizeBytes);

    /// <summary>Takes a tile's bytes over and hashes every node above them that is complete.</summary>
    public void Fill(ReadOnlySpan<byte> hashes)
    {
        hashes.CopyTo(bytes);
        var width = hashes.Length / ContentHash.SizeBytes;
        for (var level = 0; level < LogTile.Height - 1; level++)
        {
            for (var index = 0; index + 1 < width >> level; index += 2)
            {
                TreeHasher.Node(Pair(level, index), Node(level + 1, index >> 1));
            }
        }
    }
}

/// <summary>The hashes of RFC 6962, from and to bytes that lie side by side.</summary>
static class TreeHasher
{
    /// <summary>SHA-256(0x00 ‖ entry), of an entry of at most 64 bytes.</summary>
    public static void Leaf(ReadOnlySpan<byte> entry, Span<byte> hash) => Hash(0, entry, hash);

    /// <summary>SHA-256(0x01 ‖ left ‖ right), of the two side by side.</summary>
    public static void Node(ReadOnlySpan<byte> pair, Span<byte> hash) => Hash(1, pair, hash);

    static void Hash(byte prefix, ReadOnlySpan<byte> content, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[1 + (2 * ContentHash.SizeBytes)];
        input[0] = prefix;
        content.CopyTo(input[1..]);
        Sha256Hasher.Hash(input[..(1 + content.Length)], hash);
    }
}

/// <summary>The full tiles used last, with their nodes: a bounded cache that evicts what was not used for longest.</summary>
sealed class TileCache(int countMax)
{
    readonly Dictionary<(int Level, ulong Index), LinkedListNode<Entry>> entries = [];
    readonly LinkedList<Entry> order = [];

    public TileNodes? Find(int level, ulong index)
    {
        if (!entries.TryGetValue((level, index), out var entry))
        {
            return null;
        }
        order.Remove(entry);
        order.AddFirst(entry);
        return entry.Value.Nodes;
    }

    /// <summary>Takes a tile, and gives back the memory of the one that had to go, or new memory.</summary>
    public TileNodes Add(int level, ulong index, TileNodes nodes)
    {
        TileNodes? free = null;
        if (entries.Remove((level, index), out var before))
        {
            order.Remove(before);
            free = before.Value.Nodes;
        }
        else if (entries.Count == countMax)
        {
            var last = order.Last!;
            order.RemoveLast();
            _ = entries.Remove((last.Value.Level, last.Value.Index));
            free = last.Value.Nodes;
        }
        entries.Add((level, index), order.AddFirst(new Entry(level, index, nodes)));
        return free ?? new TileNodes();
    }

    /// <summary>Forgets a tile.</summary>
    public void Remove(int level, ulong index)
    {
        if (entries.Remove((level, index), out var entry))
        {
            order.Remove(entry);
        }
    }

    sealed record Entry(int Level, ulong Index, TileNodes Nodes);
}
