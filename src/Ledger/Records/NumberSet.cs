namespace OpenLedger.Ledger;

/// <summary>A set of numbers in 1,024 small tables with linear probing, each of which grows by itself.</summary>
sealed class NumberSet
{
    const int TableBits = 10;

    readonly Table[] tables = new Table[1 << TableBits];

    // While a copy is made: the numbers of each table as it stood at the beginning, null for those not yet copied.
    long[]?[]? copies;
    int nextCopy;

    public int Count { get; private set; }

    public bool Contains(long number) => TableOf(number, out var hash).Contains(number, hash);

    public bool Add(long number)
    {
        BeforeChange(number);
        var added = TableOf(number, out var hash).Add(number, hash);
        Count += added ? 1 : 0;
        return added;
    }

    public bool Remove(long number)
    {
        BeforeChange(number);
        var removed = TableOf(number, out var hash).Remove(number, hash);
        Count -= removed ? 1 : 0;
        return removed;
    }

    /// <summary>Begins a copy of the set as it stands; the set may change meanwhile.</summary>
    public void BeginCopy()
    {
        copies = new long[1 << TableBits][];
        nextCopy = 0;
    }

    /// <summary>Copies so many tables more, and gives all numbers of the moment when it began, in no order, once it is whole.</summary>
    public long[]? StepCopy(int count)
    {
        for (; count > 0 && nextCopy < copies!.Length; nextCopy++, count--)
        {
            copies[nextCopy] ??= tables[nextCopy].ToArray();
        }
        if (nextCopy < copies!.Length)
        {
            return null;
        }
        long[] all = [.. copies.SelectMany(table => table!)];
        copies = null;
        return all;
    }

    void BeforeChange(long number)
    {
        if (copies is not null)
        {
            var table = IndexOf(number);
            copies[table] ??= tables[table].ToArray();
        }
    }

    static int IndexOf(long number) => (int)(((ulong)number * 0x9E37_79B9_7F4A_7C15) >> (64 - TableBits));

    ref Table TableOf(long number, out uint hash)
    {
        var mixed = (ulong)number * 0x9E37_79B9_7F4A_7C15;
        hash = (uint)(mixed >> 16);
        return ref tables[IndexOf(number)];
    }

    struct Table
    {
        const int SlotsMin = 8;

        // Number + 1; zero is free.
        long[]? slots;
        int count;

        public readonly bool Contains(long number, uint hash)
        {
            if (slots is null)
            {
                return false;
            }
            var mask = slots.Length - 1;
            for (var at = (int)hash & mask; slots[at] != 0; at = (at + 1) & mask)
            {
                if (slots[at] == number + 1)
                {
                    return true;
                }
            }
            return false;
        }

        public bool Add(long number, uint hash)
        {
            slots ??= new long[SlotsMin];
            if (2 * (count + 1) > slots.Length)
            {
                Grow();
            }
            var mask = slots.Length - 1;
            var at = (int)hash & mask;
            for (; slots[at] != 0; at = (at + 1) & mask)
            {
                if (slots[at] == number + 1)
                {
                    return false;
                }
            }
            slots[at] = number + 1;
            count++;
            return true;
        }

        public bool Remove(long number, uint hash)
        {
            if (!Contains(number, hash))
            {
                return false;
            }
            var mask = slots!.Length - 1;
            var free = (int)hash & mask;
            while (slots[free] != number + 1)
            {
                free = (free + 1) & mask;
            }
            // What follows moves up, so that no search ends too early.
            for (var at = (free + 1) & mask; slots[at] != 0; at = (at + 1) & mask)
            {
                var home = (int)HashOf(slots[at] - 1) & mask;
                if (((at - home) & mask) >= ((at - free) & mask))
                {
                    slots[free] = slots[at];
                    free = at;
                }
            }
            slots[free] = 0;
            count--;
            return true;
        }

        public readonly long[] ToArray() => [.. (slots ?? []).Where(slot => slot != 0).Select(slot => slot - 1)];

        static uint HashOf(long number) => (uint)(((ulong)number * 0x9E37_79B9_7F4A_7C15) >> 16);

        void Grow()
        {
            var before = slots!;
            slots = new long[before.Length * 2];
            count = 0;
            foreach (var slot in before)
            {
                if (slot != 0)
                {
                    _ = Add(slot - 1, HashOf(slot - 1));
                }
            }
        }
    }
}
