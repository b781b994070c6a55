using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OpenLedger.Ledger;

/// <summary>
/// A split block Bloom filter (Putze, Sanders, Singler 2007, in the form of Apache Parquet): a key sets one bit in each of the eight words
/// of one 32-byte block, so that a question costs one line of the cache. At 16 bits a key, about 1 in 1,000 absent keys passes.
/// </summary>
static class SplitBlockFilter
{
    public const int BlockSizeBytes = 32;

    const int BitsPerKey = 16;

    static readonly uint[] salts =
        [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31];

    /// <summary>Blocks for so many keys.</summary>
    public static int BlockCount(int keyCount) => Math.Max(1, (int)((((long)keyCount * BitsPerKey) + 255) / 256));

    public static void Add(Span<byte> filter, ulong key)
    {
        ref var block = ref filter[BlockOf(key, filter.Length / BlockSizeBytes) * BlockSizeBytes];
        (Vector256.LoadUnsafe(ref block).AsUInt32() | MaskOf(key)).AsByte().StoreUnsafe(ref block);
    }

    /// <summary>The bits of a key in the eight words of its block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MaskOf(ulong key)
    {
        var shifts = Vector256.ShiftRightLogical(Vector256.Create((uint)key) * Vector256.LoadUnsafe(ref salts[0]), 27);
        if (Avx2.IsSupported)
        {
            return Avx2.ShiftLeftLogicalVariable(Vector256<uint>.One, shifts);
        }
        Span<uint> words = stackalloc uint[8];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = 1u << (int)shifts[i];
        }
        return Vector256.Create<uint>(words);
    }

    // The key's upper half chooses the block, the lower half the bits.
    public static int BlockOf(ulong key, int blockCount) => (int)(((key >> 32) * (ulong)blockCount) >> 32);
}

/// <summary>The blocks of a filter in memory that does not move.</summary>
readonly unsafe struct FilterBlocks
{
    readonly byte* blocks;
    readonly int count;

    /// <param name="bytes">Mapped or pinned: where they are, they stay.</param>
    public FilterBlocks(ReadOnlySpan<byte> bytes)
    {
        blocks = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        count = bytes.Length / SplitBlockFilter.BlockSizeBytes;
    }

    /// <summary>False only where the key was never added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayContain(ulong key)
    {
        var mask = SplitBlockFilter.MaskOf(key);
        return (Vector256.Load(BlockOf(key)).AsUInt32() & mask) == mask;
    }

    /// <summary>Marks the keys that may have been added: independent questions, so that many lines are waited for at once.</summary>
    public void MayContain(ReadOnlySpan<ulong> keys, Span<bool> marks)
    {
        const int ahead = 16;
        for (var i = 0; i < keys.Length; i++)
        {
            if (Sse.IsSupported && i + ahead < keys.Length)
            {
                Sse.Prefetch0(BlockOf(keys[i + ahead]));
            }
            marks[i] |= MayContain(keys[i]);
        }
    }

    byte* BlockOf(ulong key) => blocks + ((long)SplitBlockFilter.BlockOf(key, count) * SplitBlockFilter.BlockSizeBytes);
}
