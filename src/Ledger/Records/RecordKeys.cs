using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>The 64-bit keys under which records are found. They are written to disk: a change of one makes every index useless.</summary>
static class RecordKeys
{
    /// <summary>The key of a 128-bit id.</summary>
    public static ulong OfId(UInt128 id) => Mix(((ulong)id * 0x9E37_79B9_7F4A_7C15) + BitOperations.RotateLeft((ulong)(id >> 64), 29));

    /// <summary>The key under which the entry is found that resolved a pending transfer.</summary>
    public static ulong OfResolution(long pendingNumber) => Mix(~(ulong)pendingNumber * 0xD6E8_FEB8_6659_FD93);

    // The finaliser of MurmurHash3: every bit of the input reaches every bit of the key.
    static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xFF51_AFD7_ED55_8CCD;
        value ^= value >> 33;
        value *= 0xC4CE_B9FE_1A85_EC53;
        return value ^ (value >> 33);
    }
}

/// <summary>What a record is looked for by: several records may share a key, one of them is meant.</summary>
interface IRecordMatch<T>
{
    ulong Key { get; }

    bool Is(in T record);
}
