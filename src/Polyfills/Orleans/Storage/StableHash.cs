using System.Buffers.Binary;
using static System.Numerics.BitOperations;

namespace Orleans;

/// <summary>XXH32 with seed 0, its bytes in reverse: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.</summary>
public static class StableHash
{
    const uint Prime1 = 0x9E3779B1, Prime2 = 0x85EBCA77, Prime3 = 0xC2B2AE3D, Prime4 = 0x27D4EB2F, Prime5 = 0x165667B1;

    public static uint ComputeHash(ReadOnlySpan<byte> data)
    {
        var hash = Prime5;
        var rest = data;
        Span<uint> lanes = [unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1)];
        for (; rest.Length >= 16; rest = rest[16..])
        {
            for (var lane = 0; lane < 4; lane++)
            {
                lanes[lane] = RotateLeft(lanes[lane] + (BinaryPrimitives.ReadUInt32LittleEndian(rest[(4 * lane)..]) * Prime2), 13) * Prime1;
            }

            hash = RotateLeft(lanes[0], 1) + RotateLeft(lanes[1], 7) + RotateLeft(lanes[2], 12) + RotateLeft(lanes[3], 18);
        }

        hash += (uint)data.Length;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash = RotateLeft(hash + (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3), 17) * Prime4;
        }

        foreach (var value in rest)
        {
            hash = RotateLeft(hash + (value * Prime5), 11) * Prime1;
        }

        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return BinaryPrimitives.ReverseEndianness(hash ^ (hash >> 16));
    }
}
