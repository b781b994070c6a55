using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OpenLedger;

/// <summary>
/// A tile of a log, C2SP <c>tlog-tiles</c> with tiles of height 8: up to 256 consecutive hashes of one level, or the entries of as many
/// leaves.
/// </summary>
/// <param name="Level">
/// 0 to 7: its hashes are those of subtrees of 256^level leaves. <see cref="Entries"/> is the bundle of entries.
/// </param>
/// <param name="Index">Which tile of its level, from 0.</param>
/// <param name="Width">Hashes or entries in it: 256 when it is full.</param>
public readonly record struct LogTile(int Level, ulong Index, int Width)
{
    /// <summary>Hashes of a full tile.</summary>
    public const int WidthMax = 256;

    /// <summary>Binary levels of the tree that a tile spans.</summary>
    public const int Height = 8;

    /// <summary>Bytes of a full tile.</summary>
    public const int SizeBytesMax = WidthMax * ContentHash.SizeBytes;

    /// <summary>The level that stands for entries.</summary>
    public const int Entries = -1;

    /// <summary>Levels above this have no tiles: a tree has at most 2⁶³ leaves.</summary>
    public const int LevelMax = 7;

    /// <summary>Bytes of an entry of ours in a bundle: a 16-bit length, and the entry.</summary>
    public const int BundledEntrySizeBytes = sizeof(ushort) + LogLeaf.SizeBytes;

    /// <summary>Whether no more can be added to it.</summary>
    public bool IsFull => Width == WidthMax;

    /// <summary>Whether it is a bundle of entries.</summary>
    public bool IsEntries => Level == Entries;

    /// <summary>Bytes of this tile, in our logs.</summary>
    public int SizeBytes => Width * (IsEntries ? BundledEntrySizeBytes : ContentHash.SizeBytes);

    /// <summary>The full tile of this place.</summary>
    public LogTile Full => this with { Width = WidthMax };

    /// <summary>Its path below the log's prefix: <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/17</c>.</summary>
    public string Path
    {
        get
        {
            var text = new StringBuilder("tile/");
            _ = IsEntries ? text.Append("entries/") : text.Append(CultureInfo.InvariantCulture, $"{Level}/");
            AppendIndex(text, Index);
            return (IsFull ? text : text.Append(CultureInfo.InvariantCulture, $".p/{Width}")).ToString();
        }
    }

    /// <summary>The tiles that a tree of a size consists of at a level, partial one last, from a tile on.</summary>
    public static IEnumerable<LogTile> Of(int level, ulong treeSize, ulong fromIndex = 0)
    {
        var hashes = treeSize >> (Height * Math.Max(level, 0));
        for (var index = fromIndex; index < hashes >> Height; index++)
        {
            yield return new LogTile(level, index, WidthMax);
        }
        var rest = (int)(hashes & (WidthMax - 1));
        if (rest > 0 && fromIndex <= hashes >> Height)
        {
            yield return new LogTile(level, hashes >> Height, rest);
        }
    }

    /// <summary>Parses a path in its one form; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? path, out LogTile tile)
    {
        tile = default;
        var parts = path?.Split('/') ?? [];
        if (parts.Length < 3 || parts.Length > 12 || parts[0] != "tile" || !TryParseLevel(parts[1], out var level))
        {
            return false;
        }
        var width = WidthMax;
        var indexEnd = parts.Length;
        if (parts[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= WidthMax)
            {
                return false;
            }
            indexEnd--;
            parts[indexEnd - 1] = parts[indexEnd - 1][..^2];
        }
        UInt128 index = 0;
        for (var i = 2; i < indexEnd; i++)
        {
            var digits = parts[i].AsSpan(i < indexEnd - 1 && parts[i].StartsWith('x') ? 1 : 0);
            if (digits.Length != 3 || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }
            index = (index * 1000) + value;
        }
        if (indexEnd < 3 || index > ulong.MaxValue >> Height)
        {
            return false;
        }
        tile = new LogTile(level, (ulong)index, width);
        // What is not written this way (leading groups of zeros, a level as 00) is another path and names nothing.
        return tile.Path == path;
    }

    static bool TryParseLevel(string text, out int level)
    {
        level = Entries;
        return text == "entries"
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out level) && level <= LevelMax);
    }

    static void AppendIndex(StringBuilder text, ulong index)
    {
        var at = text.Length;
        _ = text.Append((index % 1000).ToString("d3", CultureInfo.InvariantCulture));
        for (index /= 1000; index > 0; index /= 1000)
        {
            _ = text.Insert(at, $"x{(index % 1000).ToString("d3", CultureInfo.InvariantCulture)}/");
        }
    }
}
