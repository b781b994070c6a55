namespace OpenLedger.Economy.Governance;

/// <summary>What a vote says.</summary>
public enum VoteSupport
{
    Against,
    For,
    Abstain,
}

/// <summary>A vote that was cast.</summary>
/// <param name="Weight">The voter's votes at the proposal's snapshot.</param>
public readonly record struct Ballot(VoteSupport Support, Amount Weight);

/// <summary>Sums of weights.</summary>
public sealed record Tally(Amount For, Amount Against, Amount Abstain)
{
    public static Tally Empty { get; } = new(Amount.Zero, Amount.Zero, Amount.Zero);

    public Amount Total => For + Against + Abstain;
}

/// <summary>The votes on one proposal: one an account, for good. Once closed it takes none, and its tally is final.</summary>
public sealed class BallotBox
{
    readonly Dictionary<string, Ballot> ballots;

    public BallotBox()
        : this([], isClosed: false)
    {
    }

    public BallotBox(IEnumerable<KeyValuePair<string, Ballot>> ballots, bool isClosed)
    {
        this.ballots = new Dictionary<string, Ballot>(ballots, StringComparer.Ordinal);
        IsClosed = isClosed;
    }

    public bool IsClosed { get; private set; }

    public IReadOnlyDictionary<string, Ballot> Ballots => ballots;

    /// <summary>What an account voted, or null.</summary>
    public Ballot? Find(string account) => ballots.TryGetValue(account, out var ballot) ? ballot : null;

    /// <summary>Casts an account's vote. The same vote again changes nothing.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="GovernanceException">It voted otherwise before, has no votes, or the vote is over.</exception>
    public bool Cast(string account, VoteSupport support, Amount weight)
    {
        if (!Enum.IsDefined(support))
        {
            throw new GovernanceException("a vote is for, against or abstain");
        }

        if (Find(account) is { } earlier)
        {
            return earlier.Support == support
                ? false
                : throw new GovernanceException($"{account} voted already ({Word(earlier.Support)}): a vote is cast once and stands");
        }

        if (IsClosed)
        {
            throw new GovernanceException("the vote is over: its votes are counted");
        }

        if (weight.IsZero)
        {
            throw new GovernanceException(
                $"{account} has no votes on this proposal: OPEN counts that was locked and delegated before the proposal's snapshot");
        }

        ballots.Add(account, new Ballot(support, weight));
        return true;
    }

    /// <summary>The sums of what has been cast.</summary>
    public Tally Count() => new(Sum(VoteSupport.For), Sum(VoteSupport.Against), Sum(VoteSupport.Abstain));

    /// <summary>Ends the vote.</summary>
    public Tally Close()
    {
        IsClosed = true;
        return Count();
    }

    /// <summary><c>for</c>, <c>against</c> or <c>abstain</c>.</summary>
    public static string Word(VoteSupport support) => support switch
    {
        VoteSupport.For => "for",
        VoteSupport.Against => "against",
        _ => "abstain",
    };

    Amount Sum(VoteSupport support) =>
        Amount.Sum(ballots.Values.Where(ballot => ballot.Support == support).Select(ballot => ballot.Weight));
}
