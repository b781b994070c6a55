using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OpenLedger.Ledger;

/// <summary>
/// Keys of recent records and their numbers: open addressing with linear probing, 16 bytes a slot, at most half full. What was added last
/// can be taken back in the reverse order, since nothing later has passed over its slot.
/// </summary>
/// <param name="slotsMax">Slots of the table when it no longer grows, a power of two.</param>
sealed class IdTable(int slotsMax)
{
    const int SlotsMin = 1 << 6;

    // A larger table than this one is made on the background, whole: zeroing 32 MiB takes longer than a batch may.
    const int CopiedSlotsMax = 1 << 17;

    // Key and number + 1 by turns; pinned, so that slots can be asked for before they are needed.
    ulong[] slots = LargePages.Allocate<ulong>(2 * Math.Min(SlotsMin, slotsMax));
    int mask = Math.Min(SlotsMin, slotsMax) - 1;

    // The upper bits of a key choose its slot, so that slots are nearly in the order of keys.
    int shift = 64 - BitOperations.Log2((uint)Math.Min(SlotsMin, slotsMax));

    public int Count { get; private set; }

    /// <summary>A table that has all its slots from the beginning.</summary>
    public static IdTable Whole(int slotsMax)
    {
        var table = new IdTable(slotsMax);
        table.Grow(slotsMax);
        // The system gives a page when it is first written to: now, rather than within a batch.
        table.Clear();
        return table;
    }

    /// <summary>Whether room for so many more keys takes a table that is not made within a batch.</summary>
    public bool NeedsWhole(int more) => mask + 1 < slotsMax && 2L * (Count + more) > Math.Min(CopiedSlotsMax, slotsMax);

    /// <summary>Whether so many more keys fit without exceeding half of the largest table.</summary>
    public bool Takes(int more) => Count + more <= slotsMax / 2;

    /// <summary>Makes room for so many more keys, so that adding them need not.</summary>
    public void Reserve(int more)
    {
        var wanted = mask + 1;
        while (Count + more > wanted / 2 && wanted < slotsMax)
        {
            wanted *= 2;
        }
        if (wanted != mask + 1)
        {
            Grow(wanted);
        }
    }

    /// <summary>Adds a key; several records may have the same one.</summary>
    public void Add(ulong key, long number)
    {
        var at = Start(key);
        while (slots[(2 * at) + 1] != 0)
        {
            at = (at + 1) & mask;
        }
        slots[2 * at] = key;
        slots[(2 * at) + 1] = (ulong)number + 1;
        Count++;
    }

    /// <summary>Takes back the key that was added last.</summary>
    public void Remove(ulong key, long number)
    {
        var at = Start(key);
        while (slots[2 * at] != key || slots[(2 * at) + 1] != (ulong)number + 1)
        {
            Invariant.Check(slots[(2 * at) + 1] != 0, "an id that is taken back was not in the index");
            at = (at + 1) & mask;
        }
        slots[2 * at] = 0;
        slots[(2 * at) + 1] = 0;
        Count--;
    }

    /// <summary>The next number of a key, or −1; <paramref name="at"/> begins with <see cref="Start"/> and is kept between calls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(ulong key, ref int at)
    {
        while (true)
        {
            var number = slots[(2 * at) + 1];
            if (number == 0)
            {
                return -1;
            }
            var found = slots[2 * at] == key;
            at = (at + 1) & mask;
            if (found)
            {
                return (long)number - 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Start(ulong key) => (int)(key >> shift);

    /// <summary>Marks the keys that the table holds.</summary>
    public void Contains(ReadOnlySpan<ulong> keys, Span<bool> marks)
    {
        const int ahead = 16;
        for (var i = 0; i < keys.Length; i++)
        {
            if (i + ahead < keys.Length)
            {
                Prefetch(keys[i + ahead]);
            }
            var at = Start(keys[i]);
            marks[i] |= Next(keys[i], ref at) >= 0;
        }
    }

    /// <summary>Asks for a key's slot ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(ulong key)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref slots[2 * Start(key)]));
        }
    }

    /// <summary>Every key with its number, in the order of keys; of equal keys, in no order.</summary>
    public void CopyTo(Span<ulong> keys, Span<long> numbers)
    {
        // Probing went forward from a key's slot, so what stands in order of slots is out of order by little; but for keys that went
        // beyond the last slot and stand at the beginning, which belong to the end.
        var wrapped = 0;
        while (slots[(2 * wrapped) + 1] != 0 && Start(slots[2 * wrapped]) > wrapped)
        {
            wrapped++;
        }
        var count = 0;
        for (var i = 0; i <= mask; i++)
        {
            var at = (i + wrapped) & mask;
            var number = slots[(2 * at) + 1];
            if (number == 0)
            {
                continue;
            }
            var key = slots[2 * at];
            var place = count++;
            for (; place > 0 && keys[place - 1] > key; place--)
            {
                keys[place] = keys[place - 1];
                numbers[place] = numbers[place - 1];
            }
            keys[place] = key;
            numbers[place] = (long)number - 1;
        }
    }

    public void Clear()
    {
        Array.Clear(slots);
        Count = 0;
    }

    /// <summary>Adds all keys of another table.</summary>
    public void AddAll(IdTable other) => AddAll(other.slots);

    void Grow(int slotCount)
    {
        var before = slots;
        slots = LargePages.Allocate<ulong>(2 * slotCount);
        mask = slotCount - 1;
        shift = 64 - BitOperations.Log2((uint)slotCount);
        Count = 0;
        AddAll(before);
    }

    void AddAll(ulong[] others)
    {
        for (var at = 0; at < others.Length; at += 2)
        {
            if (others[at + 1] != 0)
            {
                Add(others[at], (long)others[at + 1] - 1);
            }
        }
    }
}
