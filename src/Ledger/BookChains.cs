namespace OpenLedger.Ledger;

/// <content>Linked chains: what a chain changed is undone when one of its transfers is refused.</content>
public sealed partial class Book
{
    readonly List<(int Number, AccountState Before)> accountsBefore = [];
    readonly List<(int Number, PendingState Before)> statesBefore = [];
    bool chainOpen;
    int chainFirstTransfer;

    void BeginChain()
    {
        Invariant.Check(!chainOpen && accountsBefore.Count == 0 && statesBefore.Count == 0, "a chain begins within another");
        chainOpen = true;
        chainFirstTransfer = transfers.Count;
    }

    void UndoChain()
    {
        chainOpen = false;
        for (var i = accountsBefore.Count - 1; i >= 0; i--)
        {
            SetAccount(accountsBefore[i].Number, accountsBefore[i].Before);
        }
        for (var i = statesBefore.Count - 1; i >= 0; i--)
        {
            transfers[statesBefore[i].Number].State = statesBefore[i].Before;
        }
        for (var i = chainFirstTransfer; i < transfers.Count; i++)
        {
            Invariant.Check(transferNumbers.Remove(transfers[i].Id.Value), "a transfer of the chain was not in the index");
        }
        transfers.Truncate(chainFirstTransfer);
        accountsBefore.Clear();
        statesBefore.Clear();
    }

    void EndChain()
    {
        chainOpen = false;
        for (var i = chainFirstTransfer; i < transfers.Count; i++)
        {
            Schedule(i);
        }
        accountsBefore.Clear();
        statesBefore.Clear();
    }

    void SetState(int number, PendingState state)
    {
        ref var transfer = ref transfers[number];
        if (chainOpen)
        {
            statesBefore.Add((number, transfer.State));
        }
        transfer.State = state;
    }

    // Within a chain the expiry waits for the chain's end, as an undone transfer must not expire.
    void Schedule(int number)
    {
        ref var transfer = ref transfers[number];
        if (!chainOpen && transfer.State == PendingState.Pending && transfer.TimeoutSeconds != 0)
        {
            expiries.Enqueue(number, transfer.ExpiresNs);
        }
    }
}
