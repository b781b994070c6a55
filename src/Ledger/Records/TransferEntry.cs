using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>
/// A transfer in 64 bytes, one line of the processor's cache, in memory and on disk alike. It never changes once it stands: whether a
/// pending transfer still is follows from the open holds, and from the entry that resolved it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = SizeBytes)]
struct TransferEntry
{
    public const int SizeBytes = 64;

    /// <summary>Transfers that 40 bits can number; the last number stands for none.</summary>
    public const long NumberMax = (1L << 40) - 2;

    const long NoNumber = (1L << 40) - 1;

    ulong idLow;
    ulong idHigh;
    ulong amountLow;
    uint amountHigh;
    public ushort Code;
    byte flags;
    byte previousOfDebitHigh;
    public ulong TimestampNs;
    public int Debit;
    public int Credit;
    uint previousOfDebitLow;
    uint previousOfCreditLow;
    uint timeoutOrPendingLow;
    byte previousOfCreditHigh;
    byte pendingHigh;
    readonly ushort unused;

    public UInt128 Id
    {
        readonly get => new(idHigh, idLow);
        set => (idHigh, idLow) = ((ulong)(value >> 64), (ulong)value);
    }

    /// <summary>At most <see cref="Book.AmountMax"/>.</summary>
    public UInt128 Amount
    {
        readonly get => new(amountHigh, amountLow);
        set => (amountHigh, amountLow) = ((uint)(value >> 64), (ulong)value);
    }

    public TransferFlags Flags
    {
        readonly get => (TransferFlags)flags;
        set => flags = (byte)value;
    }

    public long PreviousOfDebit
    {
        readonly get => Unpack(previousOfDebitLow, previousOfDebitHigh);
        set => (previousOfDebitLow, previousOfDebitHigh) = ((uint)value, (byte)(value >> 32));
    }

    public long PreviousOfCredit
    {
        readonly get => Unpack(previousOfCreditLow, previousOfCreditHigh);
        set => (previousOfCreditLow, previousOfCreditHigh) = ((uint)value, (byte)(value >> 32));
    }

    /// <summary>Of a transfer that resolves nothing: its timeout.</summary>
    public uint TimeoutSeconds
    {
        readonly get => Resolves ? 0 : timeoutOrPendingLow;
        set => timeoutOrPendingLow = value;
    }

    /// <summary>Of a post, a void or an expiry: the number of the pending transfer.</summary>
    public long PendingNumber
    {
        readonly get => Unpack(timeoutOrPendingLow, pendingHigh);
        set => (timeoutOrPendingLow, pendingHigh) = ((uint)value, (byte)(value >> 32));
    }

    public readonly bool IsPending => (Flags & TransferFlags.Pending) != 0;

    public readonly bool Resolves => (Flags & (TransferFlags.PostPending | TransferFlags.VoidPending | TransferFlags.Expired)) != 0;

    /// <summary>When a pending transfer expires; never for a timeout of 0.</summary>
    public readonly ulong ExpiresNs => TimeoutSeconds == 0 ? ulong.MaxValue : TimestampNs + (TimeoutSeconds * 1_000_000_000UL);

    static long Unpack(uint low, byte high)
    {
        var number = low | ((long)high << 32);
        return number == NoNumber ? -1 : number;
    }
}
