using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>
/// The accounts as they stood at one moment, copied bit by bit while the book goes on: 64 accounts are copied before the first of them
/// changes, the others a few with every batch.
/// </summary>
sealed class AccountsCopy(int count)
{
    const int BlockBits = 6;
    const int BlockLength = 1 << BlockBits;

    readonly PackedAccount[] copy = GC.AllocateUninitializedArray<PackedAccount>(count);
    readonly bool[] copied = new bool[(count + BlockLength - 1) >> BlockBits];
    int next;

    public bool IsComplete => next == copied.Length;

    public void BeforeChange(SteppedList<PackedAccount> accounts, int number)
    {
        var block = number >> BlockBits;
        if (block >= next && block < copied.Length && !copied[block])
        {
            Copy(accounts, block);
        }
    }

    /// <summary>Copies so many blocks more.</summary>
    public void Step(SteppedList<PackedAccount> accounts, int blocks)
    {
        for (; blocks > 0 && next < copied.Length; next++)
        {
            if (!copied[next])
            {
                Copy(accounts, next);
                blocks--;
            }
        }
    }

    public ReadOnlyMemory<byte> ToBytes()
    {
        Invariant.Check(IsComplete, "a copy of the accounts is used before it is whole");
        return MemoryMarshal.AsBytes(copy.AsSpan()).ToArray();
    }

    void Copy(SteppedList<PackedAccount> accounts, int block)
    {
        var end = Math.Min(copy.Length, (block + 1) << BlockBits);
        for (var i = block << BlockBits; i < end; i++)
        {
            copy[i] = accounts[i];
        }
        copied[block] = true;
    }
}
