namespace OpenLedger.Ledger;

/// <content>Linked chains: what a chain changed is undone when one of its transfers is refused.</content>
public sealed partial class Book
{
    readonly List<(int Number, AccountState Before)> accountsBefore = [];

    // A hold that was opened, or the complement of one that was ended.
    readonly List<long> holdsChanged = [];
    bool chainOpen;
    long chainFirstTransfer;

    void BeginChain()
    {
        Invariant.Check(!chainOpen && accountsBefore.Count == 0 && holdsChanged.Count == 0, "a chain begins within another");
        chainOpen = true;
        chainFirstTransfer = transfers.Count;
    }

    void UndoChain()
    {
        chainOpen = false;
        for (var i = accountsBefore.Count - 1; i >= 0; i--)
        {
            var (number, before) = accountsBefore[i];
            SetAccount(number, accounts[number].Unpack(), before);
        }
        for (var i = holdsChanged.Count - 1; i >= 0; i--)
        {
            var hold = holdsChanged[i];
            Invariant.Check(hold >= 0 ? openHolds.Remove(hold) : openHolds.Add(~hold), "a chain's holds are not as it left them");
        }
        for (var number = transfers.Count - 1; number >= chainFirstTransfer; number--)
        {
            var entry = transfers[number];
            // In the reverse order of their addition.
            if (entry.Resolves)
            {
                transfers.RemoveKey(RecordKeys.OfResolution(entry.PendingNumber), number);
            }
            transfers.RemoveKey(RecordKeys.OfId(entry.Id), number);
        }
        transfers.Truncate(chainFirstTransfer);
        accountsBefore.Clear();
        holdsChanged.Clear();
    }

    void EndChain()
    {
        chainOpen = false;
        for (var number = chainFirstTransfer; number < transfers.Count; number++)
        {
            if (openHolds.Contains(number))
            {
                Schedule(number, transfers[number]);
            }
        }
        accountsBefore.Clear();
        holdsChanged.Clear();
    }
}
