using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class MerkleLogTests
{
    // The leaves and roots that implementations of RFC 6962 share.
    static readonly string[] leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    static readonly string[] roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_the_shared_example()
    {
        var range = new CompactRange();
        range.Root().Hex.Should().Be(roots[0]);
        for (var i = 0; i < leaves.Length; i++)
        {
            range.Append(Merkle.LeafHash(Convert.FromHexString(leaves[i])));
            range.Root().Hex.Should().Be(roots[i + 1]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(1_000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_793)]
    public void A_log_has_the_root_of_its_leaves_whatever_tiles_they_fill(int size)
    {
        var log = Log(size);
        var range = new CompactRange();
        for (var i = 0; i < size; i++)
        {
            range.Append(Leaf(i).Hash());
        }
        log.Root.Should().Be(range.Root());
        log.RootAt((ulong)size).Should().Be(range.Root());
        log.LeafHash((ulong)size - 1).Should().Be(Leaf(size - 1).Hash());
    }

    [Fact]
    public void Every_proof_of_every_size_verifies_and_none_for_another_place()
    {
        var log = Log(70);
        for (ulong size = 1; size <= log.Size; size++)
        {
            var root = log.RootAt(size);
            for (ulong index = 0; index < size; index++)
            {
                var proof = log.InclusionProof(index, size);
                Merkle.VerifyInclusion(index, size, log.LeafHash(index), proof, root).Should().BeTrue("{0} of {1}", index, size);
                Merkle.VerifyInclusion(index, size, log.LeafHash((index + 1) % log.Size), proof, root).Should().BeFalse();
            }
            for (ulong old = 1; old <= size; old++)
            {
                var proof = log.ConsistencyProof(old, size);
                Merkle.VerifyConsistency(old, size, proof, log.RootAt(old), root).Should().BeTrue("{0} to {1}", old, size);
                Merkle.VerifyConsistency(old, size, proof, log.RootAt(old - 1), root).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        var log = Log(3);
        FluentActions.Invoking(() => log.InclusionProof(3, 3)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.InclusionProof(0, 4)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.ConsistencyProof(0, 3)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.ConsistencyProof(3, 2)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.RootAt(4)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Every_subtree_of_a_log_is_proved_and_no_other_range_is_one()
    {
        const ulong size = 40;
        var log = Log((int)size);
        for (ulong start = 0; start < size; start++)
        {
            for (var end = start + 1; end <= size; end++)
            {
                if (!Merkle.IsSubtree(start, end))
                {
                    FluentActions.Invoking(() => log.SubtreeRoot(start, end)).Should().Throw<ArgumentOutOfRangeException>();
                    continue;
                }
                var root = log.SubtreeRoot(start, end);
                for (var index = start; index < end; index++)
                {
                    var proof = log.SubtreeInclusionProof(index, start, end);
                    Merkle.VerifySubtreeInclusion(index, start, end, log.LeafHash(index), proof, root).Should().BeTrue();
                    Merkle.VerifySubtreeInclusion(index, start, end, log.LeafHash((index + 1) % size), proof, root).Should().BeFalse();
                }
                for (var tree = end; tree <= size; tree++)
                {
                    var proof = log.SubtreeConsistencyProof(start, end, tree);
                    Merkle.VerifySubtreeConsistency(start, end, tree, proof, root, log.RootAt(tree))
                        .Should().BeTrue("[{0}, {1}) of {2}", start, end, tree);
                    Merkle.VerifySubtreeConsistency(start, end, tree, proof, root, log.RootAt(tree - 1)).Should().BeFalse();
                    Merkle.VerifySubtreeConsistency(start, end, tree, proof, log.LeafHash((end + 7) % size), log.RootAt(tree))
                        .Should().BeFalse();
                }
            }
        }
    }

    [Fact]
    public void A_log_of_many_tiles_proves_leaves_through_a_cache_of_two()
    {
        var log = Log(70_001, cachedTiles: 2);
        foreach (var index in new ulong[] { 0, 1, 255, 256, 40_000, 65_535, 65_536, 69_999, 70_000 })
        {
            foreach (var size in new ulong[] { index + 1, 69_998, 70_000, 70_001 }.Where(size => size > index))
            {
                Merkle.VerifyInclusion(index, size, Leaf((int)index).Hash(), log.InclusionProof(index, size), log.RootAt(size))
                    .Should().BeTrue("{0} of {1}", index, size);
            }
            Merkle.VerifyConsistency(
                index + 1, log.Size, log.ConsistencyProof(index + 1, log.Size), log.RootAt(index + 1), log.Root).Should().BeTrue();
        }
    }

    [Fact]
    public void Tiles_hold_what_the_specification_says_they_do()
    {
        var store = new MemoryTileStore();
        var log = Log(70_000, store);
        log.Publish();
        // The specification's own example.
        LogTile.Of(0, 70_000).Count(tile => tile.IsFull).Should().Be(273);
        LogTile.Of(0, 70_000).Last().Should().Be(new LogTile(0, 273, 112));
        LogTile.Of(1, 70_000).Should().Equal(new LogTile(1, 0, 256), new LogTile(1, 1, 17));
        LogTile.Of(2, 70_000).Should().Equal(new LogTile(2, 0, 1));
        LogTile.Of(3, 70_000).Should().BeEmpty();
        for (var level = 0; level < 3; level++)
        {
            foreach (var tile in LogTile.Of(level, 70_000))
            {
                var bytes = store.Read(tile)!;
                bytes.Should().HaveCount(tile.Width * ContentHash.SizeBytes);
                for (var i = 0; i < tile.Width; i++)
                {
                    var span = 1UL << (LogTile.Height * level);
                    var start = ((tile.Index * 256) + (ulong)i) * span;
                    new ContentHash(bytes.AsSpan(32 * i, 32)).Should().Be(log.SubtreeRoot(start, start + span));
                }
            }
        }
        foreach (var bundle in LogTile.Of(LogTile.Entries, 70_000))
        {
            var bytes = store.Read(bundle)!;
            for (var i = 0; i < bundle.Width; i++)
            {
                bytes.AsSpan(43 * i, 2).ToArray().Should().Equal(0, 41);
                bytes.AsSpan((43 * i) + 2, 41).SequenceEqual(Leaf(((int)bundle.Index * 256) + i).ToBytes()).Should().BeTrue();
            }
        }
        store.Count.Should().Be((2 * 274) + 2 + 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(65_536)]
    [InlineData(66_000)]
    public void A_log_goes_on_from_its_edge_as_if_it_had_never_stopped(int size)
    {
        var store = new MemoryTileStore();
        var first = Log(size, store);
        var edge = first.SaveEdge();
        var log = MerkleLog.Restore(store, (ulong)size, edge);
        log.Root.Should().Be(first.Root);
        for (var i = size; i < size + 700; i++)
        {
            log.Append(Leaf(i)).Should().Be((ulong)i);
        }
        log.Publish();
        var whole = Log(size + 700);
        log.Root.Should().Be(whole.Root);
        log.InclusionProof(0, log.Size).Should().Equal(whole.InclusionProof(0, whole.Size));
        log.SaveEdge().Should().Equal(whole.SaveEdge());
    }

    [Fact]
    public void A_damaged_edge_is_refused()
    {
        var log = Log(300);
        var edge = log.SaveEdge();
        FluentActions.Invoking(() => MerkleLog.Restore(null, 299, edge)).Should().Throw<LogEdgeException>();
        FluentActions.Invoking(() => MerkleLog.Restore(null, 300, edge.AsSpan(0, edge.Length - 1).ToArray())).Should()
            .Throw<LogEdgeException>();
        edge[^1] ^= 1;
        FluentActions.Invoking(() => MerkleLog.Restore(null, 300, edge)).Should().Throw<LogEdgeException>().WithMessage("*entry 299*");
        edge[^1] ^= 1;
        edge[0] = 9;
        FluentActions.Invoking(() => MerkleLog.Restore(null, 300, edge)).Should().Throw<LogEdgeException>();
    }

    [Fact]
    public void A_tile_that_was_touched_or_lost_is_named_and_proves_nothing()
    {
        var store = new MemoryTileStore();
        var written = Log(70_000, store);
        var edge = written.SaveEdge();
        var tile = new LogTile(0, 100, 256);
        var bytes = store.Read(tile)!;
        foreach (var damaged in new byte[][] { [.. bytes[..77], (byte)(bytes[77] ^ 1), .. bytes[78..]], bytes[..^32], [] })
        {
            store.Write([new TileContent(tile, damaged)]);
            var log = MerkleLog.Restore(store, 70_000, edge);
            FluentActions.Invoking(() => log.InclusionProof(25_603, 70_000))
                .Should().Throw<TileDamagedException>().WithMessage($"*{tile.Path}*");
            log.InclusionProof(3, 70_000).Should().Equal(written.InclusionProof(3, 70_000));
        }
    }

    [Theory]
    [InlineData(0, 0UL)]
    [InlineData(0, 272UL)]
    [InlineData(1, 0UL)]
    [InlineData(LogTile.Entries, 272UL)]
    public void An_edge_without_the_tiles_before_it_is_refused_so_that_the_journal_writes_them_again(int level, ulong index)
    {
        var store = new MemoryTileStore();
        var written = Log(70_000, store);
        var edge = written.SaveEdge();
        store.Write([new TileContent(new LogTile(level, index, 256), new byte[5])]);
        FluentActions.Invoking(() => MerkleLog.Restore(store, 70_000, edge)).Should().Throw<LogEdgeException>()
            .WithMessage($"*{new LogTile(level, index, 256).Path}*");
        FluentActions.Invoking(() => MerkleLog.Restore(null, 70_000, edge)).Should().Throw<LogEdgeException>();
    }

    static LogLeaf Leaf(int index) => new(LogEntryKind.Receipt, (ulong)index, ContentHash.Of(BitConverter.GetBytes(index)));

    static MerkleLog Log(int size, ITileStore? store = null, int cachedTiles = MerkleLog.CachedTilesDefault)
    {
        var log = new MerkleLog(store, cachedTiles);
        for (var i = 0; i < size; i++)
        {
            _ = log.Append(Leaf(i));
        }
        return log;
    }
}
