using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>
/// The tree of a size out of tiles that somebody else serves: roots and proofs. A full tile must have the hash that the level above it
/// gives. Call <see cref="Verify"/> before relying on any of it. Not safe for several threads.
/// </summary>
public sealed class TiledTree(ILogSource source, ulong size)
{
    const int CachedTiles = 64;
    readonly TileCache cache = new(CachedTiles);

    /// <summary>Leaves of the tree.</summary>
    public ulong Size { get; } = size;

    /// <summary>Checks that the tiles lead to a root that is signed.</summary>
    /// <exception cref="LogFaultException">They do not, or one is missing.</exception>
    public async Task Verify(ContentHash root, CancellationToken cancellation)
    {
        if (await Root(Size, cancellation) != root)
        {
            throw new LogFaultException(
                LogFault.StaleTile,
                $"the tiles of {Size} leaves do not lead to the root that the log signed: some are out of date, or damaged");
        }
    }

    /// <summary>The root of the first leaves.</summary>
    /// <exception cref="LogFaultException">A tile is missing or not what the tree needs.</exception>
    public Task<ContentHash> Root(ulong leafCount, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leafCount, Size);
        return leafCount == 0 ? Task.FromResult(Merkle.EmptyRoot) : Hash(new ProofRange(0, leafCount), cancellation);
    }

    /// <summary>The proof that this tree is that of an older size with more appended.</summary>
    /// <exception cref="LogFaultException">A tile is missing or not what the tree needs.</exception>
    public Task<ContentHash[]> ConsistencyProof(ulong oldSize, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, Size);
        return Hashes(ProofRange.Consistency(0, oldSize, Size), cancellation);
    }

    /// <summary>The proof that a leaf stands at its index.</summary>
    /// <exception cref="LogFaultException">A tile is missing or not what the tree needs.</exception>
    public Task<ContentHash[]> InclusionProof(ulong index, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        return Hashes(ProofRange.Inclusion(index, 0, Size), cancellation);
    }

    /// <summary>The hash of a leaf.</summary>
    /// <exception cref="LogFaultException">Its tile is missing or not what the tree needs.</exception>
    public Task<ContentHash> LeafHash(ulong index, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        return Node(0, index, cancellation);
    }

    /// <summary>Reads a tile, and in place of a partial one that is gone the full one's first hashes or entries.</summary>
    /// <exception cref="LogFaultException">Neither is served, or it has not the bytes that its width asks for.</exception>
    public static async Task<byte[]> Read(ILogSource source, LogTile tile, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        var bytes = await source.ReadTile(tile, cancellation);
        if (bytes is null && !tile.IsFull)
        {
            bytes = await source.ReadTile(tile.Full, cancellation);
            if (bytes is not null && bytes.Length > tile.SizeBytes)
            {
                bytes = bytes[..tile.SizeBytes];
            }
        }
        if (bytes is null)
        {
            throw new LogFaultException(LogFault.MissingTile, $"{tile.Path} is not served, though the log signed a tree that needs it");
        }
        return bytes.Length == tile.SizeBytes
            ? bytes
            : throw new LogFaultException(
                tile.IsEntries ? LogFault.RewrittenEntry : LogFault.StaleTile,
                $"{tile.Path} has {bytes.Length} bytes, expected {tile.SizeBytes}");
    }

    async Task<ContentHash[]> Hashes(List<ProofRange> ranges, CancellationToken cancellation)
    {
        var hashes = new ContentHash[ranges.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = await Hash(ranges[i], cancellation);
        }
        return hashes;
    }

    async Task<ContentHash> Hash(ProofRange range, CancellationToken cancellation)
    {
        var length = range.End - range.Start;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.TrailingZeroCount(length);
            return await Node(level, range.Start >> level, cancellation);
        }
        var middle = range.Start + ProofRange.Split(length);
        return Merkle.NodeHash(
            await Hash(range with { End = middle }, cancellation), await Hash(range with { Start = middle }, cancellation));
    }

    async Task<ContentHash> Node(int level, ulong index, CancellationToken cancellation)
    {
        var (tileLevel, inner) = (level / LogTile.Height, level % LogTile.Height);
        var tileIndex = index >> (LogTile.Height - inner);
        var tile = cache.Find(tileLevel, tileIndex) ?? await Load(tileLevel, tileIndex, cancellation);
        return new ContentHash(tile.Node(inner, (int)(index & (((ulong)LogTile.WidthMax >> inner) - 1))));
    }

    async Task<TileNodes> Load(int level, ulong index, CancellationToken cancellation)
    {
        var hashes = Size >> (LogTile.Height * level);
        var isFull = index < hashes >> LogTile.Height;
        var tile = new LogTile(level, index, isFull ? LogTile.WidthMax : (int)(hashes & (LogTile.WidthMax - 1)));
        var nodes = new TileNodes();
        nodes.Fill(await Read(source, tile, cancellation));
        if (isFull)
        {
            var root = new byte[ContentHash.SizeBytes];
            TreeHasher.Node(nodes.Pair(LogTile.Height - 1, 0), root);
            if (new ContentHash(root) != await Node(LogTile.Height * (level + 1), index, cancellation))
            {
                throw new LogFaultException(
                    LogFault.StaleTile, $"{tile.Path} is not the tile that the level above it vouches for: out of date, or damaged");
            }
        }
        _ = cache.Add(level, index, nodes);
        return nodes;
    }
}
