namespace Simulation.Tests.Disk;

/// <summary>Bytes that grow.</summary>
sealed class GrowingBytes
{
    byte[] bytes = new byte[4096];

    public int Length { get; private set; }

    public Span<byte> All => bytes.AsSpan(0, Length);

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        var end = offset + data.Length;
        if (end > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(end, bytes.Length * 2));
        }
        data.CopyTo(bytes.AsSpan(offset));
        Length = Math.Max(Length, end);
    }

    public void Truncate(int length)
    {
        if (length < Length)
        {
            bytes.AsSpan(length, Length - length).Clear();
            Length = length;
        }
    }

    public void Take(GrowingBytes other)
    {
        Truncate(0);
        Write(0, other.All);
    }
}

/// <summary>A change of a file that has not been made durable: a write, or, without bytes, a cut to a length.</summary>
readonly record struct UnsyncedChange(int Offset, byte[]? Bytes);

/// <summary>
/// One file: what a reader sees (the operating system's cache), what is on the platter, and the changes in between, in order.
/// </summary>
sealed class DiskFile
{
    /// <summary>Bytes that the disk writes as one, unless it tears them.</summary>
    public const int SectorBytes = 512;

    readonly GrowingBytes seen = new();
    readonly GrowingBytes durable = new();
    readonly List<UnsyncedChange> unsynced = [];

    public int Length => seen.Length;

    public Span<byte> Seen => seen.All;

    public int Unsynced => unsynced.Count;

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        seen.Write(offset, data);
        unsynced.Add(new UnsyncedChange(offset, data.ToArray()));
    }

    public void Truncate(int length)
    {
        seen.Truncate(length);
        unsynced.Add(new UnsyncedChange(length, null));
    }

    /// <summary>Makes every change durable.</summary>
    public void Sync()
    {
        foreach (var change in unsynced)
        {
            Apply(change, 0, change.Bytes?.Length ?? 0);
        }
        unsynced.Clear();
    }

    /// <summary>
    /// What a failed fsync may do on Linux: the changes stay visible in the cache, are marked clean, and never reach the platter.
    /// </summary>
    public void LoseUnsynced() => unsynced.Clear();

    /// <summary>The power goes: some of the changes that were not synced are on the platter, as the loss and the dice say.</summary>
    public void LosePower(PowerLoss loss, Dice dice)
    {
        var prefix = loss == PowerLoss.Prefix ? dice.Below(unsynced.Count + 1) : unsynced.Count;
        for (var i = 0; i < prefix; i++)
        {
            var change = unsynced[i];
            var length = change.Bytes?.Length ?? 0;
            switch (loss)
            {
                case PowerLoss.Everything or PowerLoss.Prefix:
                    Apply(change, 0, length);
                    break;
                case PowerLoss.Sectors or PowerLoss.TornSectors when length == 0:
                    if (dice.OneIn(2))
                    {
                        Apply(change, 0, 0);
                    }
                    break;
                case PowerLoss.Sectors or PowerLoss.TornSectors:
                    ApplySectors(change, loss == PowerLoss.TornSectors, dice);
                    break;
            }
        }
        unsynced.Clear();
        seen.Take(durable);
    }

    /// <summary>A file with the same visible bytes, all of them durable.</summary>
    public DiskFile Copy()
    {
        var copy = new DiskFile();
        copy.seen.Take(seen);
        copy.durable.Take(seen);
        return copy;
    }

    void ApplySectors(UnsyncedChange change, bool torn, Dice dice)
    {
        var length = change.Bytes!.Length;
        for (var from = 0; from < length;)
        {
            var to = Math.Min(length, from + SectorBytes - ((change.Offset + from) % SectorBytes));
            if (dice.OneIn(2))
            {
                Apply(change, from, torn && dice.OneIn(4) ? from + dice.Below(to - from + 1) : to);
            }
            from = to;
        }
    }

    void Apply(UnsyncedChange change, int from, int to)
    {
        if (change.Bytes is null)
        {
            durable.Truncate(change.Offset);
        }
        else if (to > from)
        {
            durable.Write(change.Offset + from, change.Bytes.AsSpan(from, to - from));
        }
    }
}
