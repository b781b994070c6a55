using System.Runtime.InteropServices;
using Simulation.Tests.Disk;

namespace Simulation.Tests.Sqlite;

/// <summary>The locks of a database file, and the memory that its connections share: what lives as long as somebody has it open.</summary>
sealed unsafe class SharedState
{
    public const int SlotCount = 8;

    readonly List<nint> regions = [];

    public Lock Gate { get; } = new();

    public int OpenCount { get; set; }

    public List<OpenFile> Holders { get; } = [];

    /// <summary>Readers of each lock of the shared memory; −1 for a writer.</summary>
    public int[] Slots { get; } = new int[SlotCount];

    public int Mappings { get; set; }

    public void* Region(int index, int sizeBytes, bool extend)
    {
        if (!extend && index >= regions.Count)
        {
            return null;
        }
        while (regions.Count <= index)
        {
            regions.Add((nint)NativeMemory.AllocZeroed((nuint)sizeBytes));
        }
        return (void*)regions[index];
    }

    public void Free()
    {
        foreach (var region in regions)
        {
            NativeMemory.Free((void*)region);
        }
        regions.Clear();
        Array.Clear(Slots);
    }
}

/// <summary>A file as one connection has it open.</summary>
sealed unsafe class OpenFile
{
    const int Shared = 1;
    const int Reserved = 2;
    const int Pending = 3;
    const int Exclusive = 4;
    const int ShmUnlock = 1;
    const int ShmShared = 4;

    readonly SharedState shared;
    readonly int[] held = new int[SharedState.SlotCount];
    int level;
    bool mapped;

    public OpenFile(FaultyDisk disk, DiskFile file, SharedState shared)
    {
        (Disk, File, this.shared) = (disk, file, shared);
        lock (shared.Gate)
        {
            shared.OpenCount++;
        }
    }

    public FaultyDisk Disk { get; }

    public DiskFile File { get; }

    /// <summary>The next sync syncs the directory as well.</summary>
    public bool SyncsDirectory { get; set; }

    public void Close()
    {
        Unmap();
        lock (shared.Gate)
        {
            level = 0;
            shared.OpenCount--;
            _ = shared.Holders.Remove(this);
        }
    }

    public int Lock(int wanted)
    {
        lock (shared.Gate)
        {
            if (level >= wanted)
            {
                return SqliteCode.Ok;
            }
            if (!shared.Holders.Contains(this))
            {
                shared.Holders.Add(this);
            }
            var others = shared.Holders.Where(holder => holder != this).Select(holder => holder.level).DefaultIfEmpty(0).Max();
            switch (wanted)
            {
                case Shared when others >= Pending:
                case Reserved when others >= Reserved:
                case Exclusive when others >= Reserved:
                    return SqliteCode.Busy;
                case Exclusive when others >= Shared:
                    level = Pending;
                    return SqliteCode.Busy;
            }
            level = wanted;
            return SqliteCode.Ok;
        }
    }

    public int Unlock(int wanted)
    {
        lock (shared.Gate)
        {
            level = Math.Min(level, wanted);
        }
        return SqliteCode.Ok;
    }

    public bool IsReserved()
    {
        lock (shared.Gate)
        {
            return shared.Holders.Any(holder => holder.level >= Reserved);
        }
    }

    public void* Map(int region, int sizeBytes, bool extend)
    {
        lock (shared.Gate)
        {
            if (!mapped)
            {
                mapped = true;
                shared.Mappings++;
            }
            return shared.Region(region, sizeBytes, extend);
        }
    }

    public void Unmap()
    {
        lock (shared.Gate)
        {
            if (!mapped)
            {
                return;
            }
            mapped = false;
            for (var slot = 0; slot < held.Length; slot++)
            {
                Release(slot);
            }
            if (--shared.Mappings == 0)
            {
                shared.Free();
            }
        }
    }

    public int LockShared(int offset, int count, int flags)
    {
        lock (shared.Gate)
        {
            for (var slot = offset; slot < offset + count; slot++)
            {
                if ((flags & ShmUnlock) != 0)
                {
                    Release(slot);
                    continue;
                }
                var others = shared.Slots[slot] - held[slot];
                var refused = (flags & ShmShared) != 0 ? shared.Slots[slot] < 0 && held[slot] >= 0 : others != 0;
                if (refused)
                {
                    return SqliteCode.Busy;
                }
            }
            if ((flags & ShmUnlock) == 0)
            {
                for (var slot = offset; slot < offset + count; slot++)
                {
                    Take(slot, (flags & ShmShared) != 0 ? 1 : -1);
                }
            }
            return SqliteCode.Ok;
        }
    }

    void Take(int slot, int how)
    {
        if (held[slot] == 0)
        {
            held[slot] = how;
            shared.Slots[slot] += how;
        }
    }

    void Release(int slot)
    {
        shared.Slots[slot] -= held[slot];
        held[slot] = 0;
    }
}
