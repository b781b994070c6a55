namespace OpenLedger.Economy;

/// <summary>What somebody is accused of.</summary>
public enum DisputeKind
{
    None,

    /// <summary>Worthless data.</summary>
    Spam,

    /// <summary>Data that measurably harms.</summary>
    Harm,

    /// <summary>A laundered copy, a forged contribution.</summary>
    Fraud,
}

/// <summary>Where a dispute stands.</summary>
public enum DisputeStage
{
    None,

    /// <summary>The accused may answer until the deadline.</summary>
    Open,

    /// <summary>Answered: the challenger may appeal to a vote until the deadline; otherwise the challenge has failed.</summary>
    Answered,

    /// <summary>Not answered: the accused may appeal to a vote until the deadline; otherwise the challenge stands.</summary>
    Unanswered,

    /// <summary>Stakers of the network pool vote until the deadline.</summary>
    Voting,

    /// <summary>Ended: the accused is slashed.</summary>
    Upheld,

    /// <summary>Ended: the challenger loses the bond.</summary>
    Rejected,
}

/// <summary>An accusation.</summary>
/// <param name="Bond">What the challenger has deposited.</param>
/// <param name="SlashBasisPoints">The part of the stake that is slashed if it is upheld, fixed when it is opened.</param>
/// <param name="WindowSeconds">How long each stage lasts, fixed when it is opened.</param>
public sealed record DisputeClaim(
    string Challenger, string Accused, DisputeKind Kind, ContentHash Evidence, Amount Bond, int SlashBasisPoints, long WindowSeconds);

/// <summary>
/// A dispute as a pure state machine: evidence and a bond open it, the accused answers or not, whoever would lose may appeal to a vote of
/// stakers, and it ends upheld or rejected, once. Stages pass by given times (seconds since 1970); a value never changes.
/// </summary>
public sealed record Dispute
{
    /// <summary>Voters of one dispute.</summary>
    public const int VotersMax = 4_096;

    Dispute(DisputeClaim claim) => Claim = claim;

    public DisputeClaim Claim { get; init; }

    public DisputeStage Stage { get; init; }

    /// <summary>When the stage ends.</summary>
    public long DeadlineSeconds { get; init; }

    /// <summary>When the vote began; stake that was bonded later has none.</summary>
    public long VoteBeganSeconds { get; init; }

    /// <summary>Hash of what the accused answered, or zero.</summary>
    public ContentHash Answer { get; init; }

    /// <summary>Stake that votes to uphold.</summary>
    public Amount Uphold { get; init; }

    /// <summary>Stake that votes to reject.</summary>
    public Amount Reject { get; init; }

    /// <summary>Who has voted, in the order of voting.</summary>
    public IReadOnlyList<string> Voters { get; init; } = [];

    public bool IsAnswered => Answer != default;

    public bool HasEnded => Stage is DisputeStage.Upheld or DisputeStage.Rejected;

    /// <exception cref="StakingException">Somebody accuses himself, or no evidence is named.</exception>
    public static Dispute Open(DisputeClaim claim, long nowSeconds)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.Challenger == claim.Accused)
        {
            throw new StakingException("nobody can accuse himself");
        }
        if (claim.Evidence == default || claim.Kind == DisputeKind.None)
        {
            throw new StakingException("a dispute names its kind (spam, harm or fraud) and the SHA-256 of its evidence");
        }
        return new Dispute(claim) { Stage = DisputeStage.Open, DeadlineSeconds = nowSeconds + claim.WindowSeconds };
    }

    /// <summary>A dispute as a snapshot has it.</summary>
    public static Dispute Restore(DisputeClaim claim) => new(claim);

    /// <summary>Passes the stages whose time is over.</summary>
    public Dispute Advance(long nowSeconds)
    {
        var dispute = this;
        while (!dispute.HasEnded && nowSeconds >= dispute.DeadlineSeconds)
        {
            dispute = dispute.Stage switch
            {
                DisputeStage.Open => dispute with
                {
                    Stage = DisputeStage.Unanswered,
                    DeadlineSeconds = dispute.DeadlineSeconds + Claim.WindowSeconds,
                },
                DisputeStage.Answered => dispute with { Stage = DisputeStage.Rejected },
                DisputeStage.Unanswered => dispute with { Stage = DisputeStage.Upheld },
                DisputeStage.Voting => dispute with { Stage = dispute.Outcome() },
                _ => throw new InvalidOperationException($"a dispute is never at the stage {dispute.Stage}"),
            };
        }
        return dispute;
    }

    /// <summary>The accused answers.</summary>
    /// <exception cref="StakingException">It is not the accused, or the time is over.</exception>
    public Dispute AnswerBy(string account, ContentHash answer, long nowSeconds)
    {
        var dispute = Advance(nowSeconds);
        Require(dispute.Stage == DisputeStage.Open, $"the time to answer is over: the dispute is {Name(dispute.Stage)}");
        Require(account == Claim.Accused, "only the accused answers");
        Require(answer != default, "an answer names its SHA-256");
        return dispute with
        {
            Stage = DisputeStage.Answered,
            Answer = answer,
            DeadlineSeconds = nowSeconds + Claim.WindowSeconds,
        };
    }

    /// <summary>Whoever would lose calls the stakers to vote.</summary>
    /// <exception cref="StakingException">It is not who would lose, or the time is over.</exception>
    public Dispute AppealBy(string account, long nowSeconds)
    {
        var dispute = Advance(nowSeconds);
        Require(
            dispute.Stage is DisputeStage.Answered or DisputeStage.Unanswered,
            $"nothing can be appealed now: the dispute is {Name(dispute.Stage)}");
        var loser = dispute.Stage == DisputeStage.Answered ? Claim.Challenger : Claim.Accused;
        Require(account == loser, $"only {loser}, who would lose, can appeal");
        return dispute with
        {
            Stage = DisputeStage.Voting,
            VoteBeganSeconds = nowSeconds,
            DeadlineSeconds = nowSeconds + Claim.WindowSeconds,
        };
    }

    /// <summary>A staker votes, once.</summary>
    /// <param name="weight">The stake that counts: <see cref="StakingPool.VoteWeight"/> as of <see cref="VoteBeganSeconds"/>.</param>
    /// <exception cref="StakingException">There is no vote, a party votes, a vote is repeated, or it has no weight.</exception>
    public Dispute VoteBy(string account, bool uphold, Amount weight, long nowSeconds)
    {
        var dispute = Advance(nowSeconds);
        Require(dispute.Stage == DisputeStage.Voting, $"there is no vote: the dispute is {Name(dispute.Stage)}");
        Require(account != Claim.Challenger && account != Claim.Accused, "the parties of a dispute have no vote in it");
        Require(!dispute.Voters.Contains(account), $"{account} has voted already");
        Require(!weight.IsZero, $"{account} had no stake in the network pool when the vote began");
        Require(dispute.Voters.Count < VotersMax, $"{VotersMax} stakers have voted, and no more votes are taken");
        return dispute with
        {
            Voters = [.. dispute.Voters, account],
            Uphold = uphold ? dispute.Uphold + weight : dispute.Uphold,
            Reject = uphold ? dispute.Reject : dispute.Reject + weight,
        };
    }

    /// <summary>The challenger takes it back, before a vote: it is rejected.</summary>
    /// <exception cref="StakingException">It is not the challenger, or too late.</exception>
    public Dispute WithdrawBy(string account, long nowSeconds)
    {
        var dispute = Advance(nowSeconds);
        Require(
            dispute.Stage is DisputeStage.Open or DisputeStage.Answered,
            $"a dispute is taken back before it is voted on or ends; this one is {Name(dispute.Stage)}");
        Require(account == Claim.Challenger, "only the challenger takes a dispute back");
        return dispute with { Stage = DisputeStage.Rejected };
    }

    // More stake decides; a tie, and a vote that nobody came to, leave what would have been without it.
    DisputeStage Outcome() => Uphold > Reject || (Uphold == Reject && !IsAnswered) ? DisputeStage.Upheld : DisputeStage.Rejected;

    static string Name(DisputeStage stage) => stage.ToString().ToLowerInvariant();

    static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new StakingException(message);
        }
    }
}

/// <summary>Who gets what at the end of a dispute.</summary>
public static class DisputeRules
{
    /// <summary>The part of what is slashed that the challenger gets, in basis points; the rest is the reserve's.</summary>
    public const int ChallengerShare = 2_000;

    /// <summary>The challenger's part of a slash, rounded down.</summary>
    public static Amount ChallengerPart(Amount slashed) => slashed.MultiplyDivide(ChallengerShare, FeeSplit.Whole);

    /// <summary>The part of a stake that is slashed for a kind.</summary>
    public static int SlashBasisPoints(NetworkParameters parameters, DisputeKind kind)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return kind switch
        {
            DisputeKind.Spam => parameters.SlashSpam,
            DisputeKind.Harm => parameters.SlashHarm,
            DisputeKind.Fraud => parameters.SlashFraud,
            _ => throw new StakingException("a dispute is about spam, harm or fraud"),
        };
    }
}

/// <summary>How the stakers' part of a fee is divided over the pools that have a stake.</summary>
public static class StakersDivision
{
    /// <summary>Weights of the network's, the adapter's and the Datanet's pool.</summary>
    public const int NetworkWeight = 2;

    /// <inheritdoc cref="NetworkWeight"/>
    public const int AdapterWeight = 1;

    /// <inheritdoc cref="NetworkWeight"/>
    public const int DatanetWeight = 1;

    /// <summary>
    /// Weights of those that have a stake; where none has, everything is the reserve's. The parts follow by largest remainder in this
    /// order.
    /// </summary>
    /// <param name="pools">Each pool with its weight and its bonded stake.</param>
    public static IReadOnlyList<ContributorWeight> Over(IReadOnlyList<(string Pool, int Weight, Amount Bonded)> pools, string reserve)
    {
        ArgumentNullException.ThrowIfNull(pools);
        var staked = pools.Where(pool => !pool.Bonded.IsZero)
            .Select(pool => new ContributorWeight(pool.Pool, (UInt128)(uint)pool.Weight)).ToList();
        return staked.Count > 0 ? staked : [new ContributorWeight(reserve, UInt128.One)];
    }
}
