namespace OpenLedger.Economy.Governance;

/// <summary>
/// Who may vote with how much, after OpenZeppelin's <c>ERC20Votes</c>: OPEN that an account has locked counts for whomever the account
/// delegates to, itself included, and for nobody until it delegates. Votes are kept by checkpoints, so that a vote counts as of its
/// proposal's snapshot whatever moves later. All of it is exact: the votes of all delegates are the locked OPEN that is delegated.
/// </summary>
public sealed class VotingPower
{
    /// <summary>Accounts that have locked OPEN or are delegated to, at most.</summary>
    public const int VotersMax = 10_000;

    readonly Dictionary<string, Voter> voters = new(StringComparer.Ordinal);

    public VotingPower()
        : this([], new VoteCheckpoints())
    {
    }

    public VotingPower(IEnumerable<Voter> voters, VoteCheckpoints supply)
    {
        foreach (var voter in voters)
        {
            this.voters.Add(voter.Account, voter);
        }

        Supply = supply;
    }

    /// <summary>The least that an account keeps locked, if anything: dust would fill the table.</summary>
    public static Amount LockedMin => Amount.One;

    /// <summary>All that is locked, delegated or not: what a quorum is a part of.</summary>
    public VoteCheckpoints Supply { get; }

    public IReadOnlyCollection<Voter> Voters => voters.Values;

    /// <summary>What an account has locked.</summary>
    public Amount Locked(string account) => voters.TryGetValue(account, out var voter) ? voter.Locked : Amount.Zero;

    /// <summary>Whom an account delegates to; empty for nobody.</summary>
    public string DelegateOf(string account) => voters.TryGetValue(account, out var voter) ? voter.Delegate : "";

    /// <summary>The votes of an account now.</summary>
    public Amount Votes(string account) => voters.TryGetValue(account, out var voter) ? voter.Votes.Latest : Amount.Zero;

    /// <summary>The votes of an account at a moment that is past.</summary>
    public Amount VotesAt(string account, long timeMs) => voters.TryGetValue(account, out var voter) ? voter.Votes.At(timeMs) : Amount.Zero;

    /// <summary>Adds to what an account has locked.</summary>
    /// <exception cref="GovernanceException">
    /// It would have less than <see cref="LockedMin"/> locked, or there are too many voters.
    /// </exception>
    public void Lock(string account, Amount amount, long timeMs)
    {
        RequireLockable(account, amount);
        var voter = Find(account);
        voter.Locked += amount;
        Supply.Push(timeMs, Supply.Latest + amount);
        Move("", voter.Delegate, amount, timeMs);
    }

    /// <summary>Refuses what <see cref="Lock"/> would, and changes nothing.</summary>
    /// <exception cref="GovernanceException">As there.</exception>
    public void RequireLockable(string account, Amount amount)
    {
        if (amount.IsZero || Locked(account) + amount < LockedMin)
        {
            throw new GovernanceException($"at least {LockedMin} OPEN are locked for voting, and not {amount}");
        }

        RequireRoom(account);
    }

    /// <summary>Takes from what an account has locked.</summary>
    /// <exception cref="GovernanceException">It has less locked, or would keep less than <see cref="LockedMin"/>.</exception>
    public void Unlock(string account, Amount amount, long timeMs)
    {
        RequireUnlockable(account, amount);
        var voter = voters[account];
        voter.Locked -= amount;
        Supply.Push(timeMs, Supply.Latest - amount);
        Move(voter.Delegate, "", amount, timeMs);
        if (voter.Locked.IsZero)
        {
            voter.Delegate = "";
        }
    }

    /// <summary>Refuses what <see cref="Unlock"/> would, and changes nothing.</summary>
    /// <exception cref="GovernanceException">As there.</exception>
    public void RequireUnlockable(string account, Amount amount)
    {
        var locked = Locked(account);
        if (amount.IsZero || amount > locked)
        {
            throw new GovernanceException($"{account} has {locked} OPEN locked for voting: {amount} cannot be unlocked");
        }

        if (locked > amount && locked - amount < LockedMin)
        {
            throw new GovernanceException($"at least {LockedMin} OPEN stay locked, or nothing: unlock all {locked}");
        }
    }

    /// <summary>Gives all votes of an account's locked OPEN, now and later, to another account, to itself, or (empty) to nobody.</summary>
    /// <exception cref="GovernanceException">The account has nothing locked, or there are too many voters.</exception>
    public void Delegate(string account, string to, long timeMs)
    {
        if (Locked(account).IsZero)
        {
            throw new GovernanceException($"{account} has nothing locked for voting: lock OPEN first");
        }

        if (to.Length > 0)
        {
            RequireRoom(to);
        }

        var voter = voters[account];
        Move(voter.Delegate, to, voter.Locked, timeMs);
        voter.Delegate = to;
    }

    /// <summary>Lets go of checkpoints that no snapshot needs, and of accounts that have nothing and are nothing.</summary>
    public void Prune(IReadOnlyCollection<long> snapshotsMs, long floorMs)
    {
        Supply.Prune(snapshotsMs, floorMs);
        foreach (var voter in voters.Values)
        {
            voter.Votes.Prune(snapshotsMs, floorMs);
            if (voter.Locked.IsZero && voter.Votes.Latest.IsZero && voter.Votes.Points.Count <= 1)
            {
                // A lone checkpoint of nothing says what no checkpoint says.
                voters.Remove(voter.Account);
            }
        }
    }

    void Move(string from, string to, Amount amount, long timeMs)
    {
        if (from == to)
        {
            return;
        }

        if (from.Length > 0)
        {
            var votes = voters[from].Votes;
            votes.Push(timeMs, votes.Latest - amount);
        }

        if (to.Length > 0)
        {
            var votes = Find(to).Votes;
            votes.Push(timeMs, votes.Latest + amount);
        }
    }

    void RequireRoom(string account)
    {
        if (voters.Count >= VotersMax && !voters.ContainsKey(account))
        {
            throw new GovernanceException(
                $"{VotersMax} accounts vote already, and more are not kept: delegate to one of them, or wait until one has left");
        }
    }

    Voter Find(string account)
    {
        if (!voters.TryGetValue(account, out var voter))
        {
            voters.Add(account, voter = new Voter(account));
        }

        return voter;
    }
}

/// <summary>One account's part in voting.</summary>
public sealed class Voter(string account)
{
    public string Account { get; } = account;

    /// <summary>OPEN that it has locked.</summary>
    public Amount Locked { get; set; }

    /// <summary>Who votes with it; empty for nobody.</summary>
    public string Delegate { get; set; } = "";

    /// <summary>What it votes with: the locked OPEN of all who delegate to it.</summary>
    public VoteCheckpoints Votes { get; init; } = new();
}
