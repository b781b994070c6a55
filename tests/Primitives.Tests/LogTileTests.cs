namespace OpenLedger.Primitives.Tests;

public sealed class LogTileTests
{
    [Theory]
    [InlineData("tile/0/x001/x234/067", 0, 1_234_067UL, 256)]
    [InlineData("tile/0/000", 0, 0UL, 256)]
    [InlineData("tile/2/999.p/1", 2, 999UL, 1)]
    [InlineData("tile/7/x001/000.p/255", 7, 1_000UL, 255)]
    [InlineData("tile/entries/x012/345", LogTile.Entries, 12_345UL, 256)]
    [InlineData("tile/entries/000.p/17", LogTile.Entries, 0UL, 17)]
    public void A_tile_has_one_path_and_a_path_one_tile(string path, int level, ulong index, int width)
    {
        var tile = new LogTile(level, index, width);
        tile.Path.Should().Be(path);
        LogTile.TryParse(path, out var parsed).Should().BeTrue();
        parsed.Should().Be(tile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("tile/00/000")]
    [InlineData("tile/8/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/001/000")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/1000")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/1/2")]
    [InlineData("tile/0/x001.p/001.p/1")]
    [InlineData("tile/0/.p/1")]
    [InlineData("tile/0/../0/000")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0/000/")]
    [InlineData("tile/0/+00")]
    [InlineData("tile/entry/000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    public void Whatever_is_written_otherwise_names_nothing(string path) => LogTile.TryParse(path, out _).Should().BeFalse();
}
