using OpenLedger.Economy.Governance;

namespace OpenLedger.Economy.Tests.Governance;

/// <summary>The rules one by one, with the times of the defaults.</summary>
public sealed class GovernorTests
{
    const long Day = 86_400_000;
    const long Start = 1_000_000_000_000;

    static readonly string guardian = AccountAddress.FromPublicKey(new byte[32]).ToString();

    static readonly ParameterChange[] change = [ParameterChange.Parse("fee-split", "500/2000/2000/5500")];

    readonly Governor governor = new(NetworkParameters.Default with { Guardian = guardian }, 0, new VotingPower(), [], 0);

    public GovernorTests()
    {
        governor.Lock("ada", Amount.FromOpen(10_000), Start);
        governor.Delegate("ada", "ada", Start);
        governor.Lock("ben", Amount.FromOpen(90_000), Start);
    }

    [Fact]
    public void A_proposal_goes_through_with_the_default_times()
    {
        var proposal = governor.Propose("pr_1", "ada", change, Start + 1);
        proposal.SnapshotMs.Should().Be(Start + 1 + Day);
        proposal.DeadlineMs.Should().Be(Start + 1 + (8 * Day));
        State(Start + 1 + Day).Should().Be(ProposalState.Pending, "the snapshot itself still is the past of the vote");
        State(Start + 2 + Day).Should().Be(ProposalState.Active);
        State(Start + 1 + (8 * Day)).Should().Be(ProposalState.Active, "the deadline is the last moment of the vote");

        var ended = Start + 2 + (8 * Day);
        governor.Count("pr_1", Votes(10_000, 0, 0), ended);
        State(ended).Should().Be(ProposalState.Succeeded);
        governor.Get("pr_1").Quorum.Should().Be(Amount.FromOpen(5_000), "5 % of the 100,000 that are locked, delegated or not");

        governor.Queue("pr_1", ended);
        FluentActions.Invoking(() => governor.Execute("pr_1", ended + (7 * Day) - 1)).Should().Throw<GovernanceException>()
            .WithMessage("*the timelock has not run out*");
        governor.Parameters.FeeSplit.Should().Be(FeeSplit.Default);
        governor.Execute("pr_1", ended + (7 * Day));

        State(ended + (7 * Day)).Should().Be(ProposalState.Executed);
        governor.Parameters.FeeSplit.Should().Be(new FeeSplit(500, 2_000, 2_000, 5_500));
        governor.Parameters.Should().Be(NetworkParameters.Default with { Guardian = guardian, FeeSplit = governor.Parameters.FeeSplit });
    }

    [Theory]
    [InlineData(4_999, 0, 0, ProposalState.Defeated)]
    [InlineData(5_000, 0, 0, ProposalState.Succeeded)]
    [InlineData(1, 0, 4_999, ProposalState.Succeeded)]
    [InlineData(5_000, 5_000, 0, ProposalState.Defeated)]
    [InlineData(5_001, 5_000, 0, ProposalState.Succeeded)]
    [InlineData(0, 10_000, 0, ProposalState.Defeated)]
    public void For_and_abstain_make_the_quorum_and_more_for_than_against_carries(
        ulong votesFor, ulong against, ulong abstain, ProposalState expected)
    {
        governor.Propose("pr_1", "ada", change, Start + 1);
        governor.Count("pr_1", Votes(votesFor, against, abstain), Start + (9 * Day));
        State(Start + (9 * Day)).Should().Be(expected);
    }

    [Fact]
    public void A_queued_proposal_expires_after_the_grace_period()
    {
        Queue(Start + (9 * Day));
        var expiry = Start + ((9 + 7 + 14) * Day);
        State(expiry - 1).Should().Be(ProposalState.Queued);
        State(expiry).Should().Be(ProposalState.Expired);
        FluentActions.Invoking(() => governor.Execute("pr_1", expiry)).Should().Throw<GovernanceException>().WithMessage("*is expired*");
    }

    [Fact]
    public void Proposing_takes_the_threshold_a_moment_before()
    {
        FluentActions.Invoking(() => governor.Propose("pr_1", "ben", change, Start + 1)).Should().Throw<GovernanceException>(
            "what is locked counts for nobody until it is delegated").WithMessage("*ben has 0.0*proposing takes 10000*");
        FluentActions.Invoking(() => governor.Propose("pr_1", "ada", change, Start)).Should().Throw<GovernanceException>(
            "the votes came in this very moment");
        governor.Delegate("ben", "cat", Start + 1);
        governor.Propose("pr_1", "cat", change, Start + 2).Proposer.Should().Be("cat", "delegated votes propose");
    }

    [Fact]
    public void A_vote_counts_as_of_the_snapshot_whatever_moves_later()
    {
        var snapshot = governor.Propose("pr_1", "ada", change, Start + 1).SnapshotMs;
        governor.Delegate("ben", "cat", snapshot);
        governor.Delegate("ben", "ada", snapshot + 1);
        governor.Unlock("ada", Amount.FromOpen(10_000), snapshot + 2);

        governor.Weight("pr_1", "ada", snapshot + 3).Should().Be(Amount.FromOpen(10_000));
        governor.Weight("pr_1", "cat", snapshot + 3).Should().Be(Amount.FromOpen(90_000));
        governor.Weight("pr_1", "ben", snapshot + 3).Should().Be(Amount.Zero);
        governor.Power.Votes("ada").Should().Be(Amount.FromOpen(90_000));
    }

    [Fact]
    public void A_vote_is_cast_once_and_stands()
    {
        var box = new BallotBox();
        box.Cast("ada", VoteSupport.For, Amount.One).Should().BeTrue();
        box.Cast("ada", VoteSupport.For, Amount.One).Should().BeFalse("a repetition changes nothing");
        FluentActions.Invoking(() => box.Cast("ada", VoteSupport.Against, Amount.One)).Should().Throw<GovernanceException>()
            .WithMessage("ada voted already (for)*");
        FluentActions.Invoking(() => box.Cast("ben", VoteSupport.For, Amount.Zero)).Should().Throw<GovernanceException>();
        box.Close().Should().Be(Votes(1, 0, 0));
        FluentActions.Invoking(() => box.Cast("cat", VoteSupport.For, Amount.One)).Should().Throw<GovernanceException>()
            .WithMessage("*the vote is over*");
        box.Cast("ada", VoteSupport.For, Amount.One).Should().BeFalse("who repeats learns that it was counted");
    }

    [Fact]
    public void The_guardian_cancels_until_the_end_and_executes_nothing()
    {
        Queue(Start + (9 * Day));
        FluentActions.Invoking(() => governor.Execute("pr_1", Start + (10 * Day))).Should().Throw<GovernanceException>();
        FluentActions.Invoking(() => governor.Cancel("pr_1", "ada", Start + (10 * Day))).Should().Throw<GovernanceException>()
            .WithMessage("*is queued*its proposer cancels it while it is pending*");

        governor.Cancel("pr_1", guardian, Start + (10 * Day));

        State(Start + (10 * Day)).Should().Be(ProposalState.Canceled);
        FluentActions.Invoking(() => governor.Execute("pr_1", Start + (16 * Day))).Should().Throw<GovernanceException>()
            .WithMessage("*is canceled*");
    }

    [Fact]
    public void A_proposer_cancels_while_it_is_pending_and_anybody_once_the_proposer_is_below_the_threshold()
    {
        governor.Propose("pr_1", "ada", change, Start + 1);
        FluentActions.Invoking(() => governor.Cancel("pr_1", "ben", Start + 2)).Should().Throw<GovernanceException>();
        governor.Cancel("pr_1", "ada", Start + 2).IsCanceled.Should().BeTrue();

        governor.Propose("pr_2", "ada", change, Start + 3);
        FluentActions.Invoking(() => governor.Cancel("pr_2", "ada", Start + (2 * Day))).Should().Throw<GovernanceException>("it is active");
        governor.Unlock("ada", Amount.FromOpen(1), Start + (2 * Day));
        governor.Cancel("pr_2", "ben", Start + (2 * Day)).IsCanceled.Should().BeTrue();
    }

    [Fact]
    public void A_signal_succeeds_and_executes_nothing()
    {
        governor.Propose("pr_1", "ada", [], Start + 1);
        governor.Count("pr_1", Votes(10_000, 0, 0), Start + (9 * Day));
        State(Start + (9 * Day)).Should().Be(ProposalState.Succeeded);
        FluentActions.Invoking(() => governor.Queue("pr_1", Start + (9 * Day))).Should().Throw<GovernanceException>()
            .WithMessage("*signal*");
        governor.Get("pr_1").IsFinalAt(Start + (9 * Day)).Should().BeTrue();
    }

    [Fact]
    public void Changes_are_checked_again_when_they_are_made()
    {
        // Each stands alone; after the first the second would let less be paid in all than in an epoch.
        ParameterChange[] first = [ParameterChange.Parse("emission-per-epoch", "1000")];
        ParameterChange[] second = [ParameterChange.Parse("emission-total-max", "10"), ParameterChange.Parse("slash-spam", "5")];
        governor.Propose("pr_1", "ada", first, Start + 1);
        governor.Propose("pr_2", "ada", second, Start + 1);
        foreach (var id in new[] { "pr_1", "pr_2" })
        {
            governor.Count(id, Votes(10_000, 0, 0), Start + (9 * Day));
            governor.Queue(id, Start + (9 * Day));
        }

        governor.Execute("pr_1", Start + (16 * Day));
        var before = governor.Parameters;
        FluentActions.Invoking(() => governor.Execute("pr_2", Start + (16 * Day))).Should().Throw<ParameterException>()
            .WithMessage("*emission-per-epoch takes*");

        governor.Parameters.Should().BeSameAs(before, "all or nothing: the slash did not change either");
        State(Start + (16 * Day), "pr_2").Should().Be(ProposalState.Queued);
    }

    [Fact]
    public void A_proposal_that_cannot_be_executed_cannot_be_made() =>
        FluentActions.Invoking(() => governor.Propose("pr_1", "ada", [ParameterChange.Parse("attribution-span", "1")], Start + 1))
            .Should().Throw<ParameterException>();

    [Fact]
    public void Governance_changes_its_own_rules_for_proposals_made_later()
    {
        ParameterChange[] faster = [ParameterChange.Parse("voting-period-ms", "1000"), ParameterChange.Parse("quorum-share", "100")];
        governor.Propose("pr_1", "ada", faster, Start + 1);
        governor.Count("pr_1", Votes(10_000, 0, 0), Start + (9 * Day));
        governor.Queue("pr_1", Start + (9 * Day));
        var under = governor.Propose("pr_2", "ada", change, Start + (15 * Day));

        governor.Execute("pr_1", Start + (16 * Day));

        governor.Get("pr_2").Should().Be(under, "what is under way keeps the rules it was made under");
        var later = governor.Propose("pr_3", "ada", change, Start + (17 * Day));
        (later.DeadlineMs - later.SnapshotMs, later.QuorumShare).Should().Be((1_000, 100));
    }

    [Fact]
    public void More_votes_than_were_locked_are_not_counted()
    {
        governor.Propose("pr_1", "ada", change, Start + 1);
        FluentActions.Invoking(() => governor.Count("pr_1", Votes(100_001, 0, 0), Start + (9 * Day))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => governor.Count("pr_1", Votes(1, 0, 0), Start + (2 * Day))).Should().Throw<GovernanceException>();
    }

    [Fact]
    public void Proposals_and_checkpoints_are_bounded()
    {
        for (var i = 0; i < Governor.OpenMax; i++)
        {
            governor.Propose($"pr_{i}", "ada", [], Start + 1 + i);
        }

        FluentActions.Invoking(() => governor.Propose("pr_x", "ada", [], Start + 100)).Should().Throw<GovernanceException>();
        for (var i = 0; i < 1_000; i++)
        {
            governor.Lock("ben", Amount.One, Start + (Day / 2) + (i * (Day / 500)));
            governor.Prune(Start + (Day / 2) + (i * (Day / 500)));
        }

        governor.Power.Supply.Points.Should().HaveCountLessThanOrEqualTo(Governor.OpenMax + 2);
        var last = Start + (30 * Day);
        for (var i = 0; i < 2 * Governor.KeptMax; i++)
        {
            foreach (var proposal in governor.Proposals.Where(each => each.IsToBeCounted(last)))
            {
                governor.Count(proposal.Id, Tally.Empty, last);
            }

            governor.Propose($"pr_more_{i}", "ada", [], last);
            last += 30 * Day;
        }

        governor.Proposals.Should().HaveCount(Governor.KeptMax);
        governor.Find("pr_0").Should().BeNull("the oldest made room");
    }

    ProposalState State(long nowMs, string id = "pr_1") => governor.Get(id).StateAt(nowMs);

    void Queue(long nowMs)
    {
        governor.Propose("pr_1", "ada", change, Start + 1);
        governor.Count("pr_1", Votes(10_000, 0, 0), nowMs);
        governor.Queue("pr_1", nowMs);
    }

    static Tally Votes(ulong votesFor, ulong against, ulong abstain) =>
        new(Amount.FromOpen(votesFor), Amount.FromOpen(against), Amount.FromOpen(abstain));
}
