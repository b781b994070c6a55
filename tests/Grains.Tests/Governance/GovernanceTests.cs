using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Economy;
using OpenLedger.Grains.Governance;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Governance;

/// <summary>Governance through a silo, its book and its storage, at the default times.</summary>
public sealed class GovernanceTests
{
    [Fact]
    public async Task A_proposal_goes_through_and_its_parameters_are_in_force()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        await network.LockForVoting();
        var proposal = await network.Propose(
            network.Ada, "A larger part for contributors", ("fee-split", "500/2000/2000/5500"), ("slash-spam", "9"));
        proposal.State.Should().Be(ProposalStage.Pending);
        (await Should.Refuse(() => Vote(network, proposal, network.Ada, VoteChoice.For))).Should().Contain("voting on");

        network.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        (await Vote(network, proposal, network.Ada, VoteChoice.For)).Weight.Should().Be(Amount.FromOpen(60_000));
        await Vote(network, proposal, network.Ben, VoteChoice.Against);
        (await Vote(network, proposal, network.Ada, VoteChoice.For)).Weight
            .Should().Be(Amount.FromOpen(60_000), "a repetition is answered");
        (await Should.Refuse(() => Vote(network, proposal, network.Ada, VoteChoice.Abstain))).Should().Contain("voted already (for)");
        (await network.Client.Governance.GetProposal(proposal.Id)).Votes
            .Should().Be(new VoteTally(Amount.FromOpen(60_000), Amount.FromOpen(40_000), Amount.Zero, 2));
        (await Should.Refuse(() => network.Client.Governance.Queue(proposal.Id))).Should().Contain("is active");

        network.Clock.Advance(TimeSpan.FromDays(7));
        var queued = await network.Client.Governance.Queue(proposal.Id);
        queued.State.Should().Be(ProposalStage.Queued);
        queued.Quorum.Should().Be(Amount.FromOpen(5_000));
        (await network.Client.Governance.Queue(proposal.Id)).EtaMs.Should().Be(queued.EtaMs, "it is queued once");
        (await Vote(network, proposal, network.Ada, VoteChoice.For)).Choice.Should().Be(VoteChoice.For, "it was counted");
        (await Should.Refuse(() => network.Client.Governance.Execute(proposal.Id))).Should().Contain("the timelock has not run out");
        (await network.Parameter("fee-split")).Should().Be("1000/2000/2000/5000");

        network.Clock.Advance(TimeSpan.FromDays(7));
        (await network.Client.Governance.Execute(proposal.Id)).State.Should().Be(ProposalStage.Executed);
        (await network.Client.Governance.Execute(proposal.Id)).State.Should().Be(ProposalStage.Executed);

        var inForce = await network.Client.Governance.GetParameters();
        inForce.Version.Should().Be(1);
        (await network.Parameter("fee-split")).Should().Be("500/2000/2000/5500");
        var cache = new ParameterCache(network.Grains, TimeProvider.System);
        (await cache.Get()).Should().Be(NetworkParameters.Default with
        {
            FeeSplit = new FeeSplit(500, 2_000, 2_000, 5_500), SlashSpam = 9, Guardian = network.Guardian,
        });
    }

    [Fact]
    public async Task What_is_locked_lies_in_the_book_and_comes_back()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        await network.Fund(network.Ada, 100);
        var command = new LockVotes("one", network.Ada, Amount.FromOpen(60));

        await network.Client.Governance.Lock(command);
        var power = await network.Client.Governance.Lock(command);

        power.Should().Be(
            new VotingPowerCard(network.Ada, Amount.FromOpen(60), "", Amount.Zero, Amount.FromOpen(60)), "once, and undelegated");
        (await network.Balance(network.Ada)).Should().Be(Amount.FromOpen(40));
        (await network.Balance(SystemAccounts.Votes)).Should().Be(Amount.FromOpen(60));
        (await network.Client.Governance.Delegate(new DelegateVotes(network.Ada, network.Ben))).Delegate.Should().Be(network.Ben);
        (await network.Client.Governance.GetVotingPower(network.Ben)).Votes.Should().Be(Amount.FromOpen(60));
        (await Should.Refuse(() => network.Client.Governance.Lock(command with { CommandId = "two" })))
            .Should().Contain("funds are too low");
        (await Should.Refuse(() => network.Client.Governance.Unlock(new UnlockVotes("three", network.Ada, Amount.FromOpen(61)))))
            .Should().Contain("60.000000000000000000 OPEN locked");

        var unlock = new UnlockVotes("four", network.Ada, Amount.FromOpen(60));
        await network.Client.Governance.Unlock(unlock);
        (await network.Client.Governance.Unlock(unlock)).Locked.Should().Be(Amount.Zero, "a repetition is answered");
        (await network.Balance(network.Ada)).Should().Be(Amount.FromOpen(100));
        (await network.Client.Governance.GetVotingPower(network.Ben)).Votes.Should().Be(Amount.Zero);
        (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task A_restart_forgets_nothing_and_other_settings_change_nothing()
    {
        using var folder = new TemporaryFolder();
        var clock = new ShiftedTime();
        ProposalCard proposal;
        await using (var network = await GovernedNetwork.Start(folder, clock))
        {
            await network.LockForVoting();
            proposal = await network.Propose(network.Ada, "Fewer slashes", ("slash-spam", "1"));
            clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
            await Vote(network, proposal, network.Ada, VoteChoice.For);
        }

        var others = new Dictionary<string, string>(StringComparer.Ordinal) { ["timelock-ms"] = "0", ["slash-spam"] = "77" };
        await using (var network = await GovernedNetwork.Start(folder, clock, others))
        {
            (await network.Parameter("slash-spam")).Should().Be("1000", "a network that exists keeps its parameters");
            (await network.Client.Governance.GetVotingPower(network.Ada)).Votes.Should().Be(Amount.FromOpen(60_000));
            await Vote(network, proposal, network.Ben, VoteChoice.For);
            clock.Advance(TimeSpan.FromDays(7));
            (await network.Client.Governance.Queue(proposal.Id)).Votes.For.Should().Be(Amount.FromOpen(100_000));
            clock.Advance(TimeSpan.FromDays(7));
            await network.Client.Governance.Execute(proposal.Id);
            (await network.Parameter("slash-spam")).Should().Be("1");
        }
    }

    [Fact]
    public async Task The_guardian_cancels_and_nobody_else_does_once_it_is_queued()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        await network.LockForVoting();
        var proposal = await network.Propose(network.Ada, "Everything to the platform", ("fee-split", "10000/0/0/0"));
        await network.CarryUntilDue(proposal.Id);
        (await Should.Refuse(() => network.Client.Governance.Cancel(proposal.Id, network.Ada)))
            .Should().Contain("the guardian until it is final");

        (await network.Client.Governance.Cancel(proposal.Id, network.Guardian)).State.Should().Be(ProposalStage.Canceled);

        (await Should.Refuse(() => network.Client.Governance.Execute(proposal.Id))).Should().Contain("is canceled");
        (await network.Parameter("fee-split")).Should().Be("1000/2000/2000/5000");
    }

    [Fact]
    public async Task A_signal_and_its_text_are_kept_and_listed()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        await network.LockForVoting();
        (await Should.Refuse(() => network.Propose(network.Guardian, "Without votes"))).Should().Contain("proposing takes 10000");
        (await Should.Refuse(() => network.Propose(network.Ada, "Unknown", ("speed", "1"))))
            .Should().Contain("no governed parameter 'speed'");

        var first = await network.Propose(network.Ada, "Meet in spring");
        var again = await network.Propose(network.Ada, "Meet in spring");
        network.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await network.Propose(network.Ada, "Meet in autumn");

        again.Id.Should().Be(first.Id, "the same content under the same id is one proposal");
        (await network.Client.Governance.GetContent(first.Id)).Description.Should().Be("Why it should be.");
        var page = await network.Client.Governance.GetProposals(0, 1);
        (page.Total, page.Proposals.Single().Id).Should().Be((2, second.Id));
        (await network.Client.Governance.GetProposals(1, 1)).Proposals.Single().Id.Should().Be(first.Id);
        network.Clock.Advance(TimeSpan.FromDays(9));
        (await network.Client.Governance.GetProposals()).Proposals.Should().OnlyContain(each => each.State == ProposalStage.Defeated);
        (await Should.Refuse(() => network.Client.Governance.GetProposal("pr_none"))).Should().Contain("no proposal 'pr_none'");
    }

    [Fact]
    public async Task A_lock_that_a_crash_interrupted_is_finished_once()
    {
        using var folder = new TemporaryFolder();
        var clock = new ShiftedTime();
        await using (var network = await GovernedNetwork.Start(folder, clock))
        {
            await network.Fund(network.Ada, 100);
            await network.Client.Governance.Lock(new LockVotes("first", network.Ada, Amount.FromOpen(10), network.Ada));
        }

        // What a crash leaves between the book's write and governance's own: the move is written down, the money has moved.
        InterruptedLock.WriteDown(folder, GovernedNetwork.AddressOf("ada"));
        await using (var network = await GovernedNetwork.Start(folder, clock))
        {
            (await network.Client.Governance.GetVotingPower(network.Ada)).Locked
                .Should().Be(Amount.Zero, "the state is of before the lock");
            (await network.Balance(SystemAccounts.Votes)).Should().Be(Amount.FromOpen(10), "and the book of after it");

            var power = await network.Client.Governance.Lock(new LockVotes("second", network.Ada, Amount.FromOpen(5)));

            power.Should().Be(new VotingPowerCard(
                network.Ada, Amount.FromOpen(15), network.Ada, Amount.FromOpen(15), Amount.FromOpen(15)));
            (await network.Balance(SystemAccounts.Votes)).Should().Be(Amount.FromOpen(15));
        }
    }

    [Fact]
    public async Task A_lock_of_an_id_that_was_forgotten_counts_nothing_again()
    {
        using var folder = new TemporaryFolder();
        var clock = new ShiftedTime();
        await using (var network = await GovernedNetwork.Start(folder, clock))
        {
            await network.Fund(network.Ada, 100);
            await network.Client.Governance.Lock(new LockVotes("first", network.Ada, Amount.FromOpen(10), network.Ada));
        }

        InterruptedLock.ForgetMoves(folder);
        await using (var network = await GovernedNetwork.Start(folder, clock))
        {
            var power = await network.Client.Governance.Lock(new LockVotes("first", network.Ada, Amount.FromOpen(10), network.Ada));

            power.Locked.Should().Be(Amount.FromOpen(10), "the book knows the transfer");
            (await network.Balance(SystemAccounts.Votes)).Should().Be(Amount.FromOpen(10));
        }
    }

    static Task<VoteCard> Vote(GovernedNetwork network, ProposalCard proposal, string account, VoteChoice choice) =>
        network.Client.Governance.Vote(new CastVote(proposal.Id, account, choice));
}
