using System.Buffers.Binary;

namespace OpenLedger.Ledger;

/// <summary>
/// Compares the tiles of a store with the tree that a journal leads to, each when it is full and the partial ones at the end. A tile that
/// is missing is no fault: a replay writes it again. One that says otherwise is.
/// </summary>
/// <param name="store">The tiles; null compares nothing.</param>
/// <param name="mayGrow">The log goes on while it is checked: tiles beyond the journal's end mean nothing.</param>
/// <param name="note">Told of what disagrees, with the record that it concerns.</param>
sealed class FsckTiles(ITileStore? store, bool mayGrow, Action<ulong, string> note)
{
    readonly ContentHash[][] levels = [.. Enumerable.Range(0, LogTile.LevelMax + 1).Select(_ => new ContentHash[LogTile.WidthMax])];
    readonly ulong[] counts = new ulong[LogTile.LevelMax + 1];
    readonly ulong[] records = new ulong[LogTile.WidthMax];
    readonly byte[] entries = new byte[LogTile.WidthMax * LogTile.BundledEntrySizeBytes];

    /// <summary>Tiles that say what the journal says.</summary>
    public int Agreed { get; private set; }

    /// <summary>An entry was appended by a record.</summary>
    public void Entry(in LogLeaf leaf, ulong record)
    {
        if (store is null)
        {
            return;
        }
        var slot = (int)(leaf.Sequence % LogTile.WidthMax);
        var entry = entries.AsSpan(slot * LogTile.BundledEntrySizeBytes, LogTile.BundledEntrySizeBytes);
        BinaryPrimitives.WriteUInt16BigEndian(entry, LogLeaf.SizeBytes);
        leaf.CopyTo(entry[sizeof(ushort)..]);
        records[slot] = record;
        if (slot == LogTile.WidthMax - 1)
        {
            CompareEntries(new LogTile(LogTile.Entries, leaf.Sequence / LogTile.WidthMax, LogTile.WidthMax), LogTile.WidthMax, record);
        }
    }

    /// <summary>A node of the tree became complete.</summary>
    /// <param name="height">0 for a leaf.</param>
    public void Node(int height, ContentHash hash, ulong record)
    {
        if (store is null || height % LogTile.Height != 0)
        {
            return;
        }
        var level = height / LogTile.Height;
        var at = counts[level]++;
        levels[level][at % LogTile.WidthMax] = hash;
        if (at % LogTile.WidthMax == LogTile.WidthMax - 1)
        {
            CompareHashes(new LogTile(level, at / LogTile.WidthMax, LogTile.WidthMax), LogTile.WidthMax, record);
        }
    }

    /// <summary>The journal is at its end.</summary>
    public void End(ulong lastRecord)
    {
        if (store is null)
        {
            return;
        }
        for (var level = 0; level <= LogTile.LevelMax; level++)
        {
            var (index, width) = (counts[level] / LogTile.WidthMax, (int)(counts[level] % LogTile.WidthMax));
            for (var stored = 1; stored <= LogTile.WidthMax; stored++)
            {
                CompareHashes(new LogTile(level, index, stored), width, lastRecord);
                if (level == 0)
                {
                    CompareEntries(new LogTile(LogTile.Entries, index, stored), width, lastRecord);
                }
            }
        }
    }

    void CompareHashes(LogTile tile, int known, ulong lastRecord)
    {
        if (store!.Read(tile) is not { } bytes || IsTooLong(tile, known, lastRecord))
        {
            return;
        }
        for (var i = 0; i < tile.Width; i++)
        {
            if (!bytes.AsSpan(i * ContentHash.SizeBytes, ContentHash.SizeBytes).SequenceEqual(levels[tile.Level][i].ToArray()))
            {
                var record = tile.Level == 0 ? records[i] : lastRecord;
                note(record, $"log/{tile.Path} has another hash at place {i} than the journal leads to"
                    + (tile.Level == 0 ? $": entry {(tile.Index * LogTile.WidthMax) + (ulong)i} of the log, which this record makes" : ""));
                return;
            }
        }
        Agreed++;
    }

    void CompareEntries(LogTile tile, int known, ulong lastRecord)
    {
        if (store!.Read(tile) is not { } bytes || IsTooLong(tile, known, lastRecord))
        {
            return;
        }
        var differs = bytes.AsSpan().CommonPrefixLength(entries);
        if (differs == tile.SizeBytes && bytes.Length == tile.SizeBytes)
        {
            Agreed++;
            return;
        }
        var place = Math.Min(differs / LogTile.BundledEntrySizeBytes, tile.Width - 1);
        note(records[place], $"log/{tile.Path} has another entry at place {place} than this record makes");
    }

    bool IsTooLong(LogTile tile, int known, ulong lastRecord)
    {
        if (tile.Width <= known)
        {
            return false;
        }
        if (!mayGrow)
        {
            note(
                lastRecord + 1,
                $"log/{tile.Path} holds more of the log than the journal leads to: what came after record {lastRecord} is lost");
        }
        return true;
    }
}
