using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

/// <summary>What every store of a ledger's files promises.</summary>
public abstract class LedgerFilesKit
{
    /// <summary>Opens the store that the test has, once more with everything that was flushed.</summary>
    protected abstract ILedgerFiles Open();

    [Fact]
    public void What_was_written_is_read_and_listed_in_order()
    {
        using var files = Open();
        files.Open("snapshot-1").Should().BeNull();
        files.Write("snapshot-2", [new byte[] { 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }]);
        files.Write("ids-1", [new byte[] { 9 }]);
        files.Flush();

        using var again = Open();
        again.List().Should().Equal("ids-1", "snapshot-2");
        Read(again, "snapshot-2").Should().Equal(1, 2, 3);
    }

    [Fact]
    public void A_file_is_replaced_and_whoever_reads_the_old_one_keeps_it()
    {
        using var files = Open();
        files.Write("segment-1", [Enumerable.Repeat((byte)7, 100_000).ToArray()]);
        using var old = files.Open("segment-1")!;
        files.Write("segment-1", [new byte[] { 8 }]);

        old.Bytes.Length.Should().Be(100_000);
        old.Bytes.IndexOfAnyExcept((byte)7).Should().Be(-1);
        Read(files, "segment-1").Should().Equal(8);
    }

    [Fact]
    public void A_file_that_is_deleted_is_gone_but_for_who_reads_it()
    {
        using var files = Open();
        files.Write("segment-1", [new byte[] { 5 }]);
        using var open = files.Open("segment-1")!;
        files.Delete("segment-1");
        files.Delete("segment-1");

        open.Bytes.ToArray().Should().Equal(5);
        files.Open("segment-1").Should().BeNull();
        files.List().Should().BeEmpty();
    }

    [Fact]
    public void A_file_of_several_megabytes_comes_back_to_the_last_byte()
    {
        var content = new byte[(3 << 20) + 17];
        new Random(1).NextBytes(content);
        using (var files = Open())
        {
            files.Write("segment-9", [content.AsMemory(0, 1_000_000), content.AsMemory(1_000_000)]);
            files.Flush();
        }
        using var again = Open();
        Read(again, "segment-9").Should().Equal(content);
    }

    [Fact]
    public void A_ledger_starts_from_them()
    {
        using var signer = Samples.Signer();
        var journal = new MemoryJournal();
        var tiles = new MemoryTileStore();
        string root;
        using (var files = Open())
        using (var core = LedgerCore.Open(journal, signer, TimeProvider.System, IdSource.FromSeed(1), tiles, files))
        {
            core.Commit(Samples.Genesis);
            // Some records more than a snapshot waits for.
            for (var i = 0; i < (1 << 15) + 100; i++)
            {
                core.Commit(new LedgerRequest());
            }
            root = core.Root.ToString();
        }
        using var again = Open();
        using var started = LedgerCore.Open(journal, signer, TimeProvider.System, IdSource.FromSeed(1), tiles, again);
        again.List().Should().Contain(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        started.SnapshotSequence.Should().BeGreaterThan(1UL << 14);
        started.Root.ToString().Should().Be(root);
        started.CheckSums().Conserved.Should().BeTrue();
    }

    static byte[] Read(ILedgerFiles files, string name)
    {
        using var file = files.Open(name)!;
        return file.Bytes.ToArray();
    }
}
