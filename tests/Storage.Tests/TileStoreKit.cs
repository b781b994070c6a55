using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

/// <summary>What every store of tiles must do.</summary>
public abstract class TileStoreKit : IDisposable
{
    internal NoteSigner Signer { get; } = Samples.Signer();

    /// <summary>Opens the same store once more; it is not there before the first time.</summary>
    protected abstract ITileStore OpenStore();

    [Fact]
    public void A_new_store_is_empty()
    {
        var store = OpenStore();
        store.Read(new LogTile(0, 0, 256)).Should().BeNull();
        store.Read(new LogTile(0, 0, 1)).Should().BeNull();
        store.ReadCheckpoint().Should().BeNull();
        store.Write([]);
        store.Flush();
    }

    [Fact]
    public void Tiles_come_back_as_they_were_written_each_under_its_own_width()
    {
        var store = OpenStore();
        LogTile[] tiles =
            [new(0, 0, 256), new(0, 1_234_067, 17), new(0, 1_234_067, 18), new(3, 5, 256), new(LogTile.Entries, 0, 256),
                new(LogTile.Entries, 7, 3)];
        store.Write([.. tiles.Select(Content)]);
        store.Flush();
        var again = OpenStore();
        foreach (var tile in tiles)
        {
            again.Read(tile).Should().Equal(Content(tile).Bytes.ToArray());
        }
        again.Read(new LogTile(0, 1_234_067, 19)).Should().BeNull();
        again.Read(new LogTile(1, 0, 256)).Should().BeNull();
        again.Write([.. tiles.Select(Content)]);
        again.Flush();
        again.Read(tiles[0]).Should().Equal(Content(tiles[0]).Bytes.ToArray());
    }

    [Fact]
    public void A_damaged_tile_is_as_it_should_be_after_it_is_written_again()
    {
        var store = OpenStore();
        var tile = new LogTile(0, 4, 256);
        store.Write([new TileContent(tile, new byte[8_192])]);
        store.Flush();
        store.Write([new TileContent(tile, new byte[3])]);
        store.Write([Content(tile)]);
        store.Flush();
        OpenStore().Read(tile).Should().Equal(Content(tile).Bytes.ToArray());
    }

    [Fact]
    public void A_full_tile_takes_the_place_of_its_partial_ones_and_of_no_others()
    {
        var store = OpenStore();
        LogTile[] partial = [new(0, 1, 1), new(0, 1, 255), new(0, 10, 1), new(1, 1, 1), new(LogTile.Entries, 1, 1)];
        store.Write([.. partial.Select(Content)]);
        store.Write([Content(new LogTile(0, 1, 256))]);
        store.Flush();
        store.Read(partial[0]).Should().BeNull();
        store.Read(partial[1]).Should().BeNull();
        partial[2..].Should().OnlyContain(tile => store.Read(tile) != null);
        store.Read(new LogTile(0, 1, 256)).Should().NotBeNull();
    }

    [Fact]
    public void The_published_checkpoint_only_grows()
    {
        var store = OpenStore();
        store.WriteCheckpoint(9, Note(9));
        OpenStore().ReadCheckpoint().Should().Be(Note(9));
        store.WriteCheckpoint(10, Note(10));
        store.WriteCheckpoint(9, Note(9));
        OpenStore().ReadCheckpoint().Should().Be(Note(10));
        store.WriteCheckpoint(10, Note(10) + "— witness.example/w AAAAAAAA\n");
        OpenStore().ReadCheckpoint().Should().EndWith("AAAAAAAA\n");
    }

    [Fact]
    public void A_ledgers_log_is_in_the_store_and_proves_its_receipts_from_it()
    {
        const int settlements = 400;
        var journal = new MemoryJournal();
        ContentHash root;
        using (var core = Open(journal, OpenStore()))
        {
            JournalKit.Fill(core, settlements);
            root = core.Root;
            ReceiptVerifier.Verify(core.ExportReceipt("rc_3"), core.LogKey).IsValid.Should().BeTrue();
        }
        var store = OpenStore();
        store.Read(new LogTile(0, 2, 256)).Should().NotBeNull();
        store.Read(new LogTile(LogTile.Entries, 2, 256)).Should().HaveCount(256 * 43);
        using var again = Open(journal, store);
        again.Root.Should().Be(root);
        ReceiptVerifier.Verify(again.ExportReceipt("rc_3"), again.LogKey).IsValid.Should().BeTrue();
    }

    public virtual void Dispose()
    {
        Signer.Dispose();
        GC.SuppressFinalize(this);
    }

    LedgerCore Open(IJournal journal, ITileStore store) => Samples.Open(journal, Signer, store);

    string Note(ulong size) => new Checkpoint(Signer.Name, size, ContentHash.OfText($"{size}")).Sign(Signer);

    internal static TileContent Content(LogTile tile)
    {
        var bytes = new byte[tile.SizeBytes];
        new Random((tile.Level * 7_919) + ((int)tile.Index * 257) + tile.Width).NextBytes(bytes);
        return new TileContent(tile, bytes);
    }
}
