using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace Storage.Tests;

public sealed class TileQueueTests
{
    static TileContent Tile(ulong index) => new(new LogTile(0, index, LogTile.WidthMax), new[] { (byte)index });

    [Fact]
    public void Tiles_are_written_in_order_however_few_may_wait()
    {
        var written = new List<ulong>();
        var queue = new TileQueue(tile => written.Add(tile.Tile.Index), 2);
        queue.Add([.. Enumerable.Range(0, 50).Select(i => Tile((ulong)i))]);
        queue.Drain();
        written.Should().Equal(Enumerable.Range(0, 50).Select(i => (ulong)i));
    }

    [Fact]
    public void A_tile_is_found_until_it_is_written()
    {
        using var mayWrite = new ManualResetEventSlim();
        var queue = new TileQueue(_ => mayWrite.Wait(), 8);
        queue.Add([Tile(7)]);
        queue.Find(Tile(7).Tile).Should().Equal(7);
        queue.Find(Tile(8).Tile).Should().BeNull();
        mayWrite.Set();
        queue.Drain();
        queue.Find(Tile(7).Tile).Should().BeNull("its file has it now");
    }

    [Fact]
    public void What_cannot_be_written_is_told_by_the_next_call_and_written_by_the_one_after_it()
    {
        var written = new List<ulong>();
        var failures = 2;
        var queue = new TileQueue(
            tile =>
            {
                if (tile.Tile.Index == 1 && failures-- > 0)
                {
                    throw new IOException("the disk is full");
                }
                written.Add(tile.Tile.Index);
            },
            8);
        queue.Add([Tile(0), Tile(1), Tile(2)]);
        for (var i = 0; i < 2; i++)
        {
            queue.Invoking(each => each.Drain()).Should().Throw<IOException>().WithMessage("the disk is full");
            queue.Find(Tile(2).Tile).Should().Equal(2);
        }
        queue.Drain();
        written.Should().Equal(0UL, 1, 2);
    }

    [Fact]
    public void Nothing_is_written_any_more_when_a_failure_has_been_told()
    {
        for (var round = 0; round < 500; round++)
        {
            var told = false;
            var writtenAfter = false;
            var queue = new TileQueue(
                tile =>
                {
                    writtenAfter |= Volatile.Read(ref told);
                    throw new IOException($"{tile.Tile.Index} cannot be written");
                },
                8);
            queue.Add([Tile(0), Tile(1)]);
            queue.Invoking(each => each.Drain()).Should().Throw<IOException>();
            Volatile.Write(ref told, true);
            _ = Thread.Yield();
            writtenAfter.Should().BeFalse("round {0}", round);
        }
    }
}
