using FsCheck;
using FsCheck.Fluent;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Staking;
using OpenLedger.Grains.Tests.Attribution;
using OpenLedger.Ledger;
using OpenLedger.Testing;
using TransferOrder = OpenLedger.Grains.Ledger.TransferOrder;

namespace OpenLedger.Grains.Tests.Staking;

/// <summary>A pool's state and its money, with a crash at any write.</summary>
public sealed class PoolMoneyTests
{
    const string PoolId = "sp_rig";

    static readonly Gen<Step> steps =
        from kind in Gen.Choose(0, 5)
        from who in Gen.Choose(0, 2)
        from amount in Gen.Choose(1, 500)
        from crashAt in Gen.Frequency((2, Gen.Constant(0)), (2, Gen.Choose(1, 3)))
        from after in Gen.Elements(false, true)
        select new Step(kind, who, Amount.FromAtto((UInt128)(uint)amount), crashAt, after);

    sealed record Step(int Kind, int Who, Amount Amount, int CrashAt, bool After);

    [Fact]
    public void Whatever_crashes_the_pools_account_holds_what_the_pool_owes() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(80),
        Prop.ForAll(steps.ArrayOf(30).ToArbitrary(), history => Play(history).GetAwaiter().GetResult() >= 0));

    [Fact]
    public async Task The_histories_do_crash()
    {
        var crashes = 0;
        foreach (var history in steps.ArrayOf(30).Sample(30, new Rnd(2, 3), 20))
        {
            crashes += await Play(history);
        }

        crashes.Should().BeGreaterThan(60);
    }

    static async Task<int> Play(Step[] history)
    {
        using var rig = new Rig();
        for (var index = 0; index < history.Length; index++)
        {
            var (step, number) = (history[index], index);
            if (!await rig.Try(step, number))
            {
                // The caller repeats with the same id, and whatever was left is completed first.
                await rig.Try(step with { CrashAt = 0 }, number);
            }

            rig.Check();
        }

        return rig.Crashes;
    }

    sealed class Rig : IDisposable
    {
        readonly Ed25519PrivateKey _key = Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]);
        readonly NoteSigner _signer;
        readonly LedgerCore _core;
        readonly Faults _faults = new();
        readonly Store<StakingPoolState> _state;
        readonly ManualTime _clock = new();
        readonly string[] _stakers = [.. Enumerable.Range(0, 3).Select(number => SampleNetwork.Account($"pool/{number}"))];
        PoolMoney _money;

        public Rig()
        {
            _signer = new NoteSigner("test.example/log", _key);
            _core = LedgerCore.Open(new MemoryJournal(), _signer, _clock, IdSource.FromSeed(1));
            _core.Commit(new LedgerRequest
            {
                Accounts = [.. SystemAccountOpenings.All, .. _stakers.Select(staker => new OpenAccount(staker))],
                Transfers =
                [
                    new Transfer(TransferId.From("stakers"), SystemAccounts.Mint, SystemAccounts.Stakers, Amount.One),
                    .. _stakers.Select(
                    staker => new Transfer(TransferId.From(staker), SystemAccounts.Mint, staker, Amount.FromAtto(2_000))),
                ],
            });
            _state = new Store<StakingPoolState>(_faults);
            _money = Reopen();
        }

        public int Crashes { get; private set; }

        public async Task<bool> Try(Step step, int number)
        {
            _faults.Arm(step.CrashAt, step.After);
            try
            {
                await _money.Resume();
                if (_money.Done(step.Kind == 2 ? RewardId(number) : $"{number}") is null)
                {
                    await Do(step, number);
                }
            }
            catch (CrashException)
            {
                Crashes++;
                _money = Reopen();
                return false;
            }
            catch (UserErrorException)
            {
                // Refused: nothing has happened, which the check sees.
            }
            finally
            {
                _faults.Arm(0, false);
            }

            return true;
        }

        public void Check()
        {
            _money.Pool.HeldSum.Should().Be(_core.FindBalance(_money.Account)?.Posted ?? Amount.Zero);
            _state.State.Pending.Should().BeNull();
            _core.Audit().Conserved.Should().BeTrue();
        }

        public void Dispose()
        {
            _core.Dispose();
            _signer.Dispose();
            _key.Dispose();
        }

        PoolMoney Reopen() => new(PoolId, _state.Reopen(), new Ledger(_core, _faults), _clock);

        Task Do(Step step, int number)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            var now = _clock.GetUtcNow().ToUnixTimeSeconds();
            var staker = _stakers[step.Who];
            var least = Amount.FromAtto(10);
            var id = $"{number}";
            return step.Kind switch
            {
                0 or 1 => _money.Stake(id, new StakeCommand(id, staker, step.Amount), Spender(staker), least),
                2 => _money.Reward(new PoolReward(RewardId(number), step.Amount)),
                3 => _money.Change(id, pool => pool.Unstake(staker, step.Amount, least, 20, now)),
                4 => _money.Pay(id, pool => [(staker, pool.Withdraw(staker, now))]),
                _ when step.Amount.Atto % 2 == 0 => _money.Pay(id, pool => [(staker, pool.Claim(staker))]),
                _ => _money.Pay(id, pool => [(SystemAccounts.Reserve, pool.Slash(staker, 1_000, now))]),
            };
        }

        static string RewardId(int number) => TransferId.From($"reward/{number}").ToString();

        static Authorization Spender(string staker) => new(
            staker, "target", new byte[16], 1, 2, Amount.One, ContentHash.OfText("body").ToArray(), new byte[64]);
    }

    sealed class Ledger(LedgerCore core, Faults faults) : IPoolLedger
    {
        public Task OpenPool(string account)
        {
            core.Commit(new LedgerRequest { Accounts = [new OpenAccount(account)] });
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers, Authorization? spender)
        {
            var own = transfers.All(order => AccountAddress.TryParse(order.Debit, out _) == (spender is not null));
            own.Should().BeTrue("a staker's money moves by the staker's word, and the network's by the network's");
            var reply = faults.Write(() => core.Commit(new LedgerRequest { Transfers = [.. transfers.Select(TransferOrders.ToTransfer)] }));
            return Task.FromResult<IReadOnlyList<TransferOutcome>>(
                [.. transfers.Select((order, index) => TransferOrders.ToOutcome(order.Id, reply.Transfers[index]))]);
        }
    }
}
