using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>An account in 64 bytes: four sums of 112 bits, flags, and the number of the latest transfer in 48 bits.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = SizeBytes)]
struct PackedAccount
{
    public const int SizeBytes = 64;

    const long NoNumber = (1L << 48) - 1;

    ulong debitsPendingLow;
    ulong debitsPostedLow;
    ulong creditsPendingLow;
    ulong creditsPostedLow;
    uint debitsPendingMiddle;
    uint debitsPostedMiddle;
    uint creditsPendingMiddle;
    uint creditsPostedMiddle;
    ushort debitsPendingHigh;
    ushort debitsPostedHigh;
    ushort creditsPendingHigh;
    ushort creditsPostedHigh;
    ushort flags;
    ushort lastHigh;
    uint lastLow;

    public static PackedAccount Of(in AccountState state)
    {
        PackedAccount packed;
        packed.flags = (ushort)state.Flags;
        packed.lastLow = (uint)state.LastTransfer;
        packed.lastHigh = (ushort)(state.LastTransfer >> 32);
        Split(state.DebitsPending, out packed.debitsPendingLow, out packed.debitsPendingMiddle, out packed.debitsPendingHigh);
        Split(state.DebitsPosted, out packed.debitsPostedLow, out packed.debitsPostedMiddle, out packed.debitsPostedHigh);
        Split(state.CreditsPending, out packed.creditsPendingLow, out packed.creditsPendingMiddle, out packed.creditsPendingHigh);
        Split(state.CreditsPosted, out packed.creditsPostedLow, out packed.creditsPostedMiddle, out packed.creditsPostedHigh);
        return packed;
    }

    public readonly AccountState Unpack()
    {
        AccountState state;
        state.DebitsPending = Join(debitsPendingLow, debitsPendingMiddle, debitsPendingHigh);
        state.DebitsPosted = Join(debitsPostedLow, debitsPostedMiddle, debitsPostedHigh);
        state.CreditsPending = Join(creditsPendingLow, creditsPendingMiddle, creditsPendingHigh);
        state.CreditsPosted = Join(creditsPostedLow, creditsPostedMiddle, creditsPostedHigh);
        state.Flags = (AccountFlags)flags;
        var last = lastLow | ((long)lastHigh << 32);
        state.LastTransfer = last == NoNumber ? -1 : last;
        return state;
    }

    static void Split(UInt128 value, out ulong low, out uint middle, out ushort high)
    {
        var upper = (ulong)(value >> 64);
        low = (ulong)value;
        middle = (uint)upper;
        high = (ushort)(upper >> 32);
    }

    static UInt128 Join(ulong low, uint middle, ushort high) => new(middle | ((ulong)high << 32), low);
}
