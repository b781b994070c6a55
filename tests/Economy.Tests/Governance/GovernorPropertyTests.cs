using FsCheck;
using FsCheck.Fluent;
using OpenLedger.Economy.Governance;

namespace OpenLedger.Economy.Tests.Governance;

/// <summary>Random histories of a small network: whoever does whatever whenever, these hold after every step.</summary>
public sealed class GovernorPropertyTests
{
    const int AccountCount = 5;

    static readonly string guardian = AccountAddress.FromPublicKey(new byte[32]).ToString();

    static readonly NetworkParameters parameters = NetworkParameters.Default with
    {
        ProposalThreshold = Amount.FromOpen(3),
        VotingDelayMs = 5,
        VotingPeriodMs = 20,
        TimelockMs = 10,
        GraceMs = 15,
        QuorumShare = 2_000,
        Guardian = guardian,
    };

    /// <summary>What the clock may do from one state to the next, and what an act may.</summary>
    static readonly HashSet<(ProposalState From, ProposalState To)> byTime =
    [
        (ProposalState.Pending, ProposalState.Active), (ProposalState.Active, ProposalState.Defeated),
        (ProposalState.Active, ProposalState.Succeeded), (ProposalState.Queued, ProposalState.Expired),
    ];

    static readonly HashSet<(Act Act, ProposalState From, ProposalState To)> byAct =
    [
        (Act.Queue, ProposalState.Succeeded, ProposalState.Queued), (Act.Execute, ProposalState.Queued, ProposalState.Executed),
        (Act.Cancel, ProposalState.Pending, ProposalState.Canceled), (Act.Cancel, ProposalState.Active, ProposalState.Canceled),
        (Act.Cancel, ProposalState.Succeeded, ProposalState.Canceled), (Act.Cancel, ProposalState.Queued, ProposalState.Canceled),
    ];

    /// <summary>Changes that stand alone, that need one another, that cannot stand, and none.</summary>
    static readonly ParameterChange[][] proposable =
    [
        [],
        [ParameterChange.Parse("fee-split", "0/0/0/10000"), ParameterChange.Parse("slash-spam", "7")],
        [ParameterChange.Parse("attribution-span", "400000"), ParameterChange.Parse("attribution-influence", "600000")],
        [ParameterChange.Parse("attribution-span", "300000")],
        [ParameterChange.Parse("voting-period-ms", "9"), ParameterChange.Parse("timelock-ms", "0")],
        [ParameterChange.Parse("treasury-burn-total", "2")],
        [ParameterChange.Parse("treasury-burn-total", "1")],
    ];

    enum Act
    {
        Lock,
        Unlock,
        Delegate,
        Propose,
        Vote,
        Queue,
        Execute,
        Cancel,
    }

    sealed record Step(int ElapsedMs, Act Act, int Account, int Other, int Number);

    static readonly Arbitrary<Step[]> histories = (
        from elapsed in Gen.Frequency((3, Gen.Constant(0)), (6, Gen.Choose(1, 6)), (2, Gen.Choose(7, 30)), (1, Gen.Choose(-10, -1)))
        from act in Gen.Frequency(
            (2, Gen.Constant(Act.Lock)), (1, Gen.Constant(Act.Unlock)), (2, Gen.Constant(Act.Delegate)), (3, Gen.Constant(Act.Propose)),
            (12, Gen.Constant(Act.Vote)), (6, Gen.Constant(Act.Queue)), (8, Gen.Constant(Act.Execute)), (1, Gen.Constant(Act.Cancel)))
        from account in Gen.Choose(0, AccountCount)
        from other in Gen.Choose(0, AccountCount)
        from number in Gen.Choose(0, 20)
        select new Step(elapsed, act, account, other, number)).ArrayOf(80).ToArbitrary();

    [Fact]
    public void Delegated_votes_are_the_locked_OPEN_that_is_delegated_at_every_snapshot() => Play(history =>
    {
        var power = history.Governor.Power;
        var locked = power.Voters.Where(voter => voter.Delegate.Length > 0).Select(voter => voter.Locked);
        return Amount.Sum(power.Voters.Select(voter => voter.Votes.Latest)) == Amount.Sum(locked)
            && power.Supply.Latest == Amount.Sum(power.Voters.Select(voter => voter.Locked))
            && history.Open.All(proposal => proposal.SnapshotMs >= history.Now || Names.All(account =>
                power.VotesAt(account, proposal.SnapshotMs) == history.ModelVotes(account, proposal.SnapshotMs)));
    });

    [Fact]
    public void Votes_are_counted_once_and_are_never_more_than_were_locked_at_the_snapshot() => Play(history =>
        history.Boxes.All(pair =>
        {
            var snapshot = history.Governor.Get(pair.Key).SnapshotMs;
            return pair.Value.Count().Total == Amount.Sum(pair.Value.Ballots.Values.Select(ballot => ballot.Weight))
                && pair.Value.Count().Total <= history.ModelSupply(snapshot)
                && pair.Value.Ballots.All(ballot => ballot.Value.Weight == history.ModelVotes(ballot.Key, snapshot));
        }));

    [Fact]
    public void Parameters_change_by_an_executed_proposal_and_then_by_all_of_it() => Play(history => history switch
    {
        { Thrown: null, Step.Act: Act.Execute } => history.Governor.Parameters == ParameterChange.Apply(
                history.ParametersBefore, history.Governor.Get(history.Target!).Changes)
            && history.Governor.Version == history.VersionBefore + 1,
        _ => history.Governor.Parameters == history.ParametersBefore && history.Governor.Version == history.VersionBefore,
    });

    [Fact]
    public void States_are_reached_by_legal_transitions_alone() => Play(history =>
        history.ByTime.All(pair => pair.Value.Zip(pair.Value.Skip(1)).All(each => each.First == each.Second || byTime.Contains(each)))
        && history.ByAct.All(pair => pair.Value.From == pair.Value.To
            || (pair.Key == history.Target && byAct.Contains((history.Step.Act, pair.Value.From, pair.Value.To)))), observes: true);

    [Fact]
    public void What_is_refused_changes_nothing() => Play(history => history.Thrown is null || history.Before == history.Describe());

    [Fact]
    public void The_guardian_executes_nothing_that_is_not_due_and_a_signal_executes_nothing() => Play(history =>
        history.Step.Act != Act.Execute || history.Thrown is not null
        || (!history.Governor.Get(history.Target!).IsSignal && history.Governor.Get(history.Target!).EtaMs <= history.Now));

    [Fact]
    public void Random_histories_reach_every_state()
    {
        // A property that never sees a state proves nothing about it.
        var reached = new HashSet<ProposalState>();
        foreach (var steps in histories.Generator.Sample(300))
        {
            var history = new GovernorHistory();
            foreach (var step in steps)
            {
                history.Apply(step);
                reached.UnionWith(history.ByAct.Values.Select(each => each.To));
            }
        }

        reached.Should().BeEquivalentTo(Enum.GetValues<ProposalState>());
    }

    static IEnumerable<string> Names => Enumerable.Range(0, AccountCount).Select(Name);

    /// <summary>The last account is the guardian, which has nothing locked.</summary>
    static string Name(int account) => account == AccountCount ? guardian : $"a{account}";

    /// <param name="observes">Whether somebody looks at every millisecond; otherwise a clock set back may hide that time passed.</param>
    static void Play(Func<GovernorHistory, bool> holds, bool observes = false) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(histories, steps =>
        {
            var history = new GovernorHistory { Observes = observes };
            return steps.All(step =>
            {
                history.Apply(step);
                return holds(history);
            });
        }));

    /// <summary>A governor with its ballot boxes, and a model that remembers all that was ever locked and delegated.</summary>
    sealed class GovernorHistory
    {
        readonly List<(long TimeMs, string Account, Amount Locked, string Delegate)> past = [];
        readonly List<string> ids = [];
        long clock = 1_000;

        /// <summary>All but the last two begin with something locked and delegated to themselves, so as to vote.</summary>
        public GovernorHistory()
        {
            foreach (var account in Names.SkipLast(1))
            {
                Governor.Lock(account, Amount.FromOpen(7), 1);
                Remember(account);
                Governor.Delegate(account, account, 1);
                Remember(account);
            }
        }

        public Governor Governor { get; } = new(parameters, 0, new VotingPower(), [], 0);

        public Dictionary<string, BallotBox> Boxes { get; } = new(StringComparer.Ordinal);

        public bool Observes { get; init; }

        public Step Step { get; private set; } = new(0, Act.Lock, 0, 0, 0);

        public string? Target { get; private set; }

        public Exception? Thrown { get; private set; }

        public string Before { get; private set; } = "";

        public NetworkParameters ParametersBefore { get; private set; } = parameters;

        public long VersionBefore { get; private set; }

        /// <summary>States of each proposal while the clock ran, millisecond by millisecond.</summary>
        public Dictionary<string, List<ProposalState>> ByTime { get; private set; } = [];

        /// <summary>States of each proposal before and after the act.</summary>
        public Dictionary<string, (ProposalState From, ProposalState To)> ByAct { get; private set; } = [];

        public long Now => Governor.Now(clock);

        public IEnumerable<Proposal> Open => Governor.Proposals.Where(proposal => proposal is { IsCanceled: false, Tally: null });

        public void Apply(Step step)
        {
            Step = step;
            PassTime(step.ElapsedMs);
            Target = ids.Count == 0 ? "none" : ids[^(1 + (step.Number % Math.Min(3, ids.Count)))];
            (ParametersBefore, VersionBefore, Before, Thrown) = (Governor.Parameters, Governor.Version, Describe(), null);
            var states = ids.ToDictionary(id => id, id => Governor.Get(id).StateAt(Now));
            try
            {
                Do(step);
            }
            catch (UserErrorException exception)
            {
                Thrown = exception;
            }

            Governor.Prune(clock);
            ByAct = states.ToDictionary(pair => pair.Key, pair => (pair.Value, Governor.Get(pair.Key).StateAt(Now)));
        }

        /// <summary>Votes by adding up what each account had locked, and whom it had delegated to, at the moment.</summary>
        public Amount ModelVotes(string account, long timeMs) =>
            Amount.Sum(LastAt(timeMs).Where(entry => entry.Delegate == account).Select(entry => entry.Locked));

        public Amount ModelSupply(long timeMs) => Amount.Sum(LastAt(timeMs).Select(entry => entry.Locked));

        public string Describe()
        {
            var power = Governor.Power;
            var voters = power.Voters.Where(voter => voter.Locked + voter.Votes.Latest > Amount.Zero)
                .OrderBy(voter => voter.Account, StringComparer.Ordinal).Select(voter =>
                    $"{voter.Account} {voter.Locked} {voter.Delegate} {voter.Votes.Latest}");
            var boxes = Boxes.Select(pair => $"{pair.Key} {pair.Value.IsClosed} {pair.Value.Count()}");
            return string.Join('\n', [$"{Governor.Parameters} {Governor.Version} {power.Supply.Latest}", .. voters, .. boxes,
                .. Governor.Proposals.Select(proposal => proposal.ToString())]);
        }

        IEnumerable<(string Delegate, Amount Locked)> LastAt(long timeMs) => past.Where(entry => entry.TimeMs <= timeMs)
            .GroupBy(entry => entry.Account).Select(group => (group.Last().Delegate, group.Last().Locked));

        void PassTime(int elapsedMs)
        {
            ByTime = ids.ToDictionary(id => id, id => new List<ProposalState> { Governor.Get(id).StateAt(Now) });
            for (var passed = 0; passed < Math.Max(1, elapsedMs); passed++)
            {
                clock += Math.Sign(elapsedMs);
                if (Observes)
                {
                    Governor.Observe(clock);
                }

                foreach (var id in ids)
                {
                    if (Governor.Get(id).IsToBeCounted(Now))
                    {
                        Governor.Count(id, Boxes[id].Close(), clock);
                    }

                    ByTime[id].Add(Governor.Get(id).StateAt(Now));
                }
            }

            clock += elapsedMs < 0 ? elapsedMs + 1 : 0;
        }

        void Do(Step step)
        {
            var (account, other) = (Name(step.Account), Name(step.Other));
            switch (step.Act)
            {
                case Act.Lock:
                    Governor.Lock(account, Amount.FromOpen((ulong)step.Number), clock);
                    Remember(account);
                    break;
                case Act.Unlock:
                    Governor.Unlock(account, Amount.FromOpen((ulong)step.Number), clock);
                    Remember(account);
                    break;
                case Act.Delegate:
                    Governor.Delegate(account, step.Number == 0 ? "" : other, clock);
                    Remember(account);
                    break;
                case Act.Propose:
                    var id = $"pr_{ids.Count}";
                    Governor.Propose(id, account, proposable[step.Number % proposable.Length], clock);
                    ids.Add(id);
                    Boxes.Add(id, new BallotBox());
                    break;
                case Act.Vote:
                    Boxes.GetValueOrDefault(Target!)?.Cast(
                        account, step.Number % 4 == 0 ? VoteSupport.Against : (VoteSupport)(1 + (step.Number % 2)),
                        Governor.Weight(Target!, account, clock));
                    break;
                case Act.Queue:
                    Governor.Queue(Target!, clock);
                    break;
                case Act.Execute:
                    Governor.Execute(Target!, clock);
                    break;
                default:
                    Governor.Cancel(Target!, account, clock);
                    break;
            }
        }

        void Remember(string account) =>
            past.Add((Governor.LastMs, account, Governor.Power.Locked(account), Governor.Power.DelegateOf(account)));
    }
}
