namespace OpenLedger.Economy.Governance;

/// <summary>The states of OpenZeppelin's <c>IGovernor.ProposalState</c>, by its numbers.</summary>
public enum ProposalState
{
    /// <summary>The snapshot is to come.</summary>
    Pending,

    /// <summary>Votes are taken.</summary>
    Active,

    /// <summary>Taken back by the proposer, or stopped by the guardian.</summary>
    Canceled,

    /// <summary>Too few votes, or not more for it than against it.</summary>
    Defeated,

    /// <summary>Carried, and not queued yet. Where a signal ends.</summary>
    Succeeded,

    /// <summary>Waits for the timelock, or has come through it and may be executed.</summary>
    Queued,

    /// <summary>Was not executed in time.</summary>
    Expired,

    /// <summary>Done.</summary>
    Executed,
}

/// <summary>
/// A proposal's course. What it was made under is fixed with it: a later change of the governed times moves no vote that is under way.
/// </summary>
/// <param name="Id">Follows from its content.</param>
/// <param name="Changes">Made together or not at all; none makes it a signal.</param>
/// <param name="SnapshotMs">Votes count as of this moment, and are taken after it.</param>
/// <param name="DeadlineMs">The last moment of voting.</param>
/// <param name="QuorumShare">Basis points of the voting supply at the snapshot.</param>
public sealed record Proposal(
    string Id,
    string Proposer,
    IReadOnlyList<ParameterChange> Changes,
    long CreatedMs,
    long SnapshotMs,
    long DeadlineMs,
    int QuorumShare)
{
    /// <summary>Changes of one proposal, at most.</summary>
    public const int ChangesMax = 32;

    /// <summary>One line for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>The votes, once they are counted for good.</summary>
    public Tally? Tally { get; init; }

    /// <summary>All that was locked at the snapshot, once the votes are counted.</summary>
    public Amount Supply { get; init; }

    /// <summary>The earliest moment of execution; 0 while not queued.</summary>
    public long EtaMs { get; init; }

    /// <summary>From this moment on it is expired; 0 while not queued.</summary>
    public long ExpiryMs { get; init; }

    public bool IsCanceled { get; init; }

    public bool IsExecuted { get; init; }

    /// <summary>Whether it says something and changes nothing.</summary>
    public bool IsSignal => Changes.Count == 0;

    /// <summary>Votes for it and abstentions that it needs; the floor of the exact part, as in OpenZeppelin.</summary>
    public Amount Quorum => Supply.MultiplyDivide((UInt128)(uint)QuorumShare, FeeSplit.Whole);

    /// <summary>Whether voting has ended and the votes are not counted yet.</summary>
    public bool IsToBeCounted(long nowMs) => !IsCanceled && !IsExecuted && Tally is null && nowMs > DeadlineMs;

    /// <summary>
    /// The state, in the order of OpenZeppelin's <c>Governor.state</c> and <c>GovernorTimelockCompound.state</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The votes have to be counted first.</exception>
    public ProposalState StateAt(long nowMs)
    {
        if (IsExecuted)
        {
            return ProposalState.Executed;
        }

        if (IsCanceled)
        {
            return ProposalState.Canceled;
        }

        if (nowMs <= SnapshotMs)
        {
            return ProposalState.Pending;
        }

        if (nowMs <= DeadlineMs)
        {
            return ProposalState.Active;
        }

        var tally = Tally ?? throw new InvalidOperationException($"The votes on {Id} have to be counted before its state is known.");
        if (tally.For + tally.Abstain < Quorum || tally.For <= tally.Against)
        {
            return ProposalState.Defeated;
        }

        return EtaMs == 0 ? ProposalState.Succeeded : nowMs >= ExpiryMs ? ProposalState.Expired : ProposalState.Queued;
    }

    /// <summary>Whether nothing can become of it any more.</summary>
    public bool IsFinalAt(long nowMs) => !IsToBeCounted(nowMs) && StateAt(nowMs) switch
    {
        ProposalState.Canceled or ProposalState.Defeated or ProposalState.Expired or ProposalState.Executed => true,
        ProposalState.Succeeded => IsSignal,
        _ => false,
    };
}
