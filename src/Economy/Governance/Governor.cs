namespace OpenLedger.Economy.Governance;

/// <summary>
/// The rules of governance as a state machine without clock, storage or votes' storage of its own, after OpenZeppelin's <c>Governor</c>
/// with <c>ERC20Votes</c> and a timelock: propose, vote at the snapshot, queue, wait, execute. Parameters change in
/// <see cref="Execute"/> and nowhere else. Time never goes back: a clock that does is taken for one that stands still.
/// </summary>
public sealed class Governor
{
    /// <summary>Proposals whose votes are not counted, at most: they are what checkpoints are kept for.</summary>
    public const int OpenMax = 64;

    /// <summary>Proposals kept, at most; the oldest that are final make room.</summary>
    public const int KeptMax = 256;

    readonly Dictionary<string, Proposal> proposals = new(StringComparer.Ordinal);
    long lastMs;

    /// <param name="lastMs">The latest moment that anything was done at.</param>
    public Governor(NetworkParameters parameters, long version, VotingPower power, IEnumerable<Proposal> proposals, long lastMs)
    {
        Parameters = parameters;
        Version = version;
        Power = power;
        this.lastMs = lastMs;
        foreach (var proposal in proposals)
        {
            this.proposals.Add(proposal.Id, proposal);
        }
    }

    /// <summary>What is in force.</summary>
    public NetworkParameters Parameters { get; private set; }

    /// <summary>Executed proposals that changed parameters.</summary>
    public long Version { get; private set; }

    public VotingPower Power { get; }

    /// <summary>Those that are kept, the newest first.</summary>
    public IEnumerable<Proposal> Proposals => proposals.Values
        .OrderByDescending(proposal => proposal.CreatedMs).ThenBy(proposal => proposal.Id, StringComparer.Ordinal);

    /// <summary>The latest moment that anything was done at.</summary>
    public long LastMs => lastMs;

    public Proposal? Find(string id) => proposals.GetValueOrDefault(id);

    /// <exception cref="GovernanceException">There is no such proposal.</exception>
    public Proposal Get(string id) => Find(id) ?? throw new GovernanceException($"there is no proposal '{id}' under way here");

    /// <summary>The moment to take for now.</summary>
    public long Now(long nowMs) => Math.Max(nowMs, lastMs);

    /// <inheritdoc cref="VotingPower.Lock"/>
    public void Lock(string account, Amount amount, long nowMs) => Power.Lock(account, amount, Advance(nowMs));

    /// <inheritdoc cref="VotingPower.Unlock"/>
    public void Unlock(string account, Amount amount, long nowMs) => Power.Unlock(account, amount, Advance(nowMs));

    /// <inheritdoc cref="VotingPower.Delegate"/>
    public void Delegate(string account, string to, long nowMs) => Power.Delegate(account, to, Advance(nowMs));

    /// <summary>Makes a proposal.</summary>
    /// <exception cref="GovernanceException">The proposer has too few votes, there are too many proposals, or too many changes.</exception>
    /// <exception cref="ParameterException">The changes cannot be made as things are.</exception>
    public Proposal Propose(string id, string proposer, IReadOnlyList<ParameterChange> changes, long nowMs, string title = "")
    {
        var now = Now(nowMs);
        if (proposals.ContainsKey(id))
        {
            throw new GovernanceException($"proposal {id} has been made before");
        }

        RequireThreshold(proposer, now);
        if (changes.Count > Proposal.ChangesMax)
        {
            throw new GovernanceException($"a proposal makes at most {Proposal.ChangesMax} changes, and not {changes.Count}");
        }

        _ = ParameterChange.Apply(Parameters, changes);
        if (proposals.Values.Count(IsUncounted) >= OpenMax || (proposals.Count >= KeptMax && OldestFinal(now) is null))
        {
            throw new GovernanceException(
                $"{OpenMax} proposals are being voted on, or {KeptMax} wait: count, queue or execute one of them");
        }

        var snapshot = now + Parameters.VotingDelayMs;
        var proposal = new Proposal(
            id, proposer, changes, now, snapshot, snapshot + Parameters.VotingPeriodMs, Parameters.QuorumShare)
        {
            Title = title,
        };
        Advance(nowMs);
        if (proposals.Count >= KeptMax && OldestFinal(now) is { } oldest)
        {
            proposals.Remove(oldest.Id);
        }

        proposals.Add(id, proposal);
        return proposal;
    }

    /// <summary>The proposal that the next one takes the place of; null while there is room.</summary>
    public Proposal? NextToLeave(long nowMs) => proposals.Count >= KeptMax ? OldestFinal(Now(nowMs)) : null;

    /// <summary>
    /// An account's votes on a proposal that is being voted on. Whoever has been told has seen the snapshot pass: <see cref="LastMs"/> is
    /// after it from here on, and must be remembered before the answer is used, so that no clock brings the time before it back.
    /// </summary>
    /// <exception cref="GovernanceException">Voting has not begun, or is over.</exception>
    public Amount Weight(string id, string account, long nowMs)
    {
        var (proposal, now) = (Get(id), Now(nowMs));
        if (proposal.IsCanceled || now > proposal.DeadlineMs)
        {
            throw new GovernanceException($"voting on {id} is over: it {(proposal.IsCanceled ? "was canceled" : "has ended")}");
        }

        if (now <= proposal.SnapshotMs)
        {
            throw new GovernanceException($"voting on {id} begins at {Shown(proposal.SnapshotMs)}");
        }

        Advance(nowMs);
        return Power.VotesAt(account, proposal.SnapshotMs);
    }

    /// <summary>Notes how late it is, so that no state that was seen is taken back.</summary>
    public void Observe(long nowMs) => Advance(nowMs);

    /// <summary>Takes the final count of a proposal whose voting has ended. A second count changes nothing.</summary>
    /// <exception cref="GovernanceException">Voting has not ended.</exception>
    /// <exception cref="ArgumentException">There are more votes than were locked.</exception>
    public void Count(string id, Tally tally, long nowMs)
    {
        var (proposal, now) = (Get(id), Now(nowMs));
        if (proposal.Tally is not null)
        {
            return;
        }

        if (!proposal.IsToBeCounted(now))
        {
            throw new GovernanceException($"the votes on {id} are counted when voting has ended, at {Shown(proposal.DeadlineMs)}");
        }

        var supply = Power.Supply.At(proposal.SnapshotMs);
        if (tally.Total > supply)
        {
            throw new ArgumentException($"{tally.Total} votes were counted on {id}, of {supply} that there are", nameof(tally));
        }

        Advance(nowMs);
        proposals[id] = proposal with { Tally = tally, Supply = supply };
    }

    /// <summary>Queues a proposal that succeeded: from here the timelock runs. Anybody may.</summary>
    /// <exception cref="GovernanceException">It is in another state, or a signal.</exception>
    public Proposal Queue(string id, long nowMs)
    {
        var (proposal, now) = (Get(id), Now(nowMs));
        if (proposal.IsSignal)
        {
            throw new GovernanceException($"{id} is a signal: it executes nothing, so there is nothing to queue");
        }

        Require(proposal, now, ProposalState.Succeeded, "is queued when it has succeeded");
        Advance(nowMs);
        var eta = now + Parameters.TimelockMs;
        return proposals[id] = proposal with { EtaMs = eta, ExpiryMs = eta + Parameters.GraceMs };
    }

    /// <summary>Makes a queued proposal's changes, all together, when the timelock has run out. Anybody may.</summary>
    /// <exception cref="GovernanceException">It is in another state, or the timelock has not run out.</exception>
    /// <exception cref="ParameterException">The changes cannot be made as things are now; nothing was changed.</exception>
    public Proposal Execute(string id, long nowMs)
    {
        var (proposal, now) = (Get(id), Now(nowMs));
        Require(proposal, now, ProposalState.Queued, "is executed when it is queued");
        if (now < proposal.EtaMs)
        {
            throw new GovernanceException($"{id} may be executed from {Shown(proposal.EtaMs)} on: the timelock has not run out");
        }

        var changed = ParameterChange.Apply(Parameters, proposal.Changes);
        Advance(nowMs);
        Parameters = changed;
        Version++;
        return proposals[id] = proposal with { IsExecuted = true };
    }

    /// <summary>
    /// Cancels a proposal: its proposer while it is pending, anybody while it is pending or active and the proposer has fewer votes than
    /// the threshold, the guardian as long as it is not final.
    /// </summary>
    /// <exception cref="GovernanceException">The account may not, or it is too late.</exception>
    public Proposal Cancel(string id, string account, long nowMs)
    {
        var (proposal, now) = (Get(id), Now(nowMs));
        if (proposal.IsCanceled)
        {
            return proposal;
        }

        var isGuardian = account.Length > 0 && account == Parameters.Guardian;
        var state = proposal.IsToBeCounted(now) ? ProposalState.Active : proposal.StateAt(now);
        if (proposal.IsFinalAt(now))
        {
            throw new GovernanceException($"{id} is {Word(state)}: there is nothing to cancel");
        }

        var isOpen = state == ProposalState.Pending || (state == ProposalState.Active && now <= proposal.DeadlineMs);
        var isAbandoned = isOpen && Power.Votes(proposal.Proposer) < Parameters.ProposalThreshold;
        if (!isGuardian && !isAbandoned && (account != proposal.Proposer || state != ProposalState.Pending))
        {
            throw new GovernanceException(
                $"{id} is {Word(state)}: its proposer cancels it while it is pending, and the guardian until it is final");
        }

        Advance(nowMs);
        return proposals[id] = proposal with { IsCanceled = true };
    }

    /// <summary>Lets go of checkpoints that no vote needs.</summary>
    public void Prune(long nowMs)
    {
        var now = Now(nowMs);
        Power.Prune([.. proposals.Values.Where(IsUncounted).Select(proposal => proposal.SnapshotMs)], now - 1);
    }

    /// <summary>The state's name in lower case.</summary>
    public static string Word(ProposalState state) => state.ToString().ToLowerInvariant();

    static bool IsUncounted(Proposal proposal) => proposal is { IsCanceled: false, IsExecuted: false, Tally: null };

    void RequireThreshold(string proposer, long now)
    {
        // A moment ago, as in OpenZeppelin: who borrows votes for one moment cannot propose with them.
        var votes = Power.VotesAt(proposer, now - 1);
        if (votes < Parameters.ProposalThreshold)
        {
            throw new GovernanceException(
                $"{proposer} has {votes} votes, and proposing takes {Parameters.ProposalThreshold}: lock OPEN and delegate it to yourself");
        }
    }

    static void Require(Proposal proposal, long now, ProposalState state, string rule)
    {
        if (proposal.IsToBeCounted(now))
        {
            throw new GovernanceException($"the votes on {proposal.Id} are not counted yet");
        }

        var actual = proposal.StateAt(now);
        if (actual != state)
        {
            throw new GovernanceException($"{proposal.Id} is {Word(actual)}: a proposal {rule}");
        }
    }

    Proposal? OldestFinal(long now) => proposals.Values.Where(proposal => proposal.IsFinalAt(now))
        .OrderBy(proposal => proposal.CreatedMs).ThenBy(proposal => proposal.Id, StringComparer.Ordinal).FirstOrDefault();

    long Advance(long nowMs) => lastMs = Now(nowMs);

    static string Shown(long timeMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeMs)
            .ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
