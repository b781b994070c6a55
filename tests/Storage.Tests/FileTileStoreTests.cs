using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class FileTileStoreTests : TileStoreKit
{
    readonly TemporaryFolder folder = new();

    protected override ITileStore OpenStore() => new FileTileStore(folder.File("log"));

    [Fact]
    public void The_folder_is_laid_out_so_that_a_web_server_can_serve_it()
    {
        var store = OpenStore();
        store.Write([.. new LogTile[] { new(0, 1_234_067, 256), new(1, 4, 17), new(LogTile.Entries, 1_234_067, 256) }.Select(Content)]);
        store.WriteCheckpoint(1, new Checkpoint(Signer.Name, 1, default).Sign(Signer));
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder.Folder, path).Replace('\\', '/'))
            .Should().BeEquivalentTo(
                "log/checkpoint", "log/tile/0/x001/x234/067", "log/tile/1/004.p/17", "log/tile/entries/x001/x234/067");
    }

    [Fact]
    public void What_an_interrupted_write_left_is_overwritten()
    {
        var store = OpenStore();
        var tile = new LogTile(0, 0, 256);
        Directory.CreateDirectory(folder.File("log/tile/0"));
        File.WriteAllText(folder.File("log/tile/0/000.new"), "half");
        store.Read(tile).Should().BeNull();
        store.Write([Content(tile)]);
        store.Flush();
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories).Should().ContainSingle();
        store.Read(tile).Should().Equal(Content(tile).Bytes.ToArray());
    }

    [Fact]
    public void Many_tiles_are_flushed_together()
    {
        var store = OpenStore();
        store.Write([.. Enumerable.Range(0, 100).Select(index => Content(new LogTile(0, (ulong)index, 256)))]);
        store.Flush();
        OpenStore().Read(new LogTile(0, 99, 256)).Should().NotBeNull();
    }

    public override void Dispose()
    {
        folder.Dispose();
        base.Dispose();
    }
}
