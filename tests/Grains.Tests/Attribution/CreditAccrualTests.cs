using FsCheck;
using FsCheck.Fluent;
using OpenLedger.Economy;
using OpenLedger.Grains.Attribution;

namespace OpenLedger.Grains.Tests.Attribution;

/// <summary>Credits between log, book and state, with a crash at any write.</summary>
public sealed class CreditAccrualTests
{
    static readonly Gen<Step> steps =
        from kind in Gen.Frequency((10, Gen.Constant(0)), (3, Gen.Choose(1, 5)))
        from who in Gen.Choose(0, 3)
        from first in Gen.Choose(1, 30)
        from second in Gen.Choose(1, 900_000_000)
        from crashAt in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(1, 6)))
        from after in Gen.Elements(false, true)
        select new Step(kind, who, first, second, crashAt, after);

    sealed record Step(int Kind, int Who, int First, int Second, int CrashAt, bool After);

    [Fact]
    public void A_crash_at_any_write_loses_no_atto_and_pays_none_twice() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(steps.ArrayOf(25).ToArbitrary(), history => Play(history).GetAwaiter().GetResult() >= 0));

    [Fact]
    public async Task The_histories_do_crash()
    {
        var crashes = 0;
        foreach (var history in steps.ArrayOf(25).Sample(25, new Rnd(3, 5), 20))
        {
            crashes += await Play(history);
        }

        crashes.Should().BeGreaterThan(40, "a property over histories without crashes would say nothing");
    }

    [Fact]
    public async Task A_settled_answer_that_nobody_handed_over_is_found_when_it_is_looked_for()
    {
        using var rig = new AccrualRig();
        var contributor = AccrualRig.Contributor(1);
        await rig.Answer([new Credit(contributor, Amount.One)], Amount.One, handOver: false);
        (await rig.SettleEpoch(Amount.Zero)).Should().BeNull();

        (await rig.SettleAll())!.PaidCount.Should().Be(1);

        rig.Posted(contributor).Should().Be(Amount.One.Atto);
        await rig.Check();
    }

    [Fact]
    public async Task A_receipt_handed_over_again_and_again_is_added_once()
    {
        using var rig = new AccrualRig();
        Credit[] credits = [new(AccrualRig.Contributor(1), Amount.One)];
        await rig.Answer(credits, Amount.One);
        await rig.Accrual.Add("rc_0", credits, Amount.One);
        await rig.Accrual.Fold();
        await rig.Accrual.Add("rc_0", credits, Amount.One);
        rig.Restart();
        await rig.Accrual.Expect("rc_0", TransferId.From("hold/0").ToString());
        await rig.Accrual.Add("rc_0", credits, Amount.One);
        await rig.Check();
    }

    [Fact]
    public async Task A_receipt_that_was_never_announced_changes_nothing()
    {
        using var rig = new AccrualRig();
        await rig.Accrual.Add("rc_unknown", [new Credit(AccrualRig.Contributor(1), Amount.One)], Amount.Zero);
        (await rig.Accrual.Read((book, _) => book.OwedSum)).Should().Be(UInt128.Zero);
    }

    [Fact]
    public async Task The_sums_are_written_once_for_many_answers_and_what_an_answer_writes_stays_small()
    {
        using var rig = new AccrualRig();
        for (var answer = 0; answer < (2 * CreditAccrual.FoldAnswers) + 10; answer++)
        {
            await rig.Answer([new Credit(AccrualRig.Contributor(answer % 50), Amount.One)], Amount.One);
        }

        rig.CreditWrites.Should().Be(2);
        rig.LargestOpenBytes.Should().BeLessThan(CreditAccrual.FoldAnswers * 120);
        rig.Restart();
        await rig.Check();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Credit_that_is_lost_in_a_dispute_goes_to_another_account_once_whatever_crashes(int crashAt)
    {
        foreach (var after in new[] { false, true })
        {
            using var rig = new AccrualRig();
            var contributor = AccrualRig.Contributor(1);
            await rig.Answer([new Credit(contributor, Amount.One)], Amount.One);
            await rig.Accrual.Freeze("d", contributor, null);
            await rig.Answer([new Credit(contributor, Amount.One)], Amount.One);
            await rig.SettleEpoch(Amount.Zero);
            rig.Posted(contributor).Should().Be(UInt128.Zero, "nothing in dispute is paid");

            await rig.Try(crashAt, after, () => rig.Accrual.EndFreeze("d", SystemAccounts.Platform));
            await rig.Accrual.EndFreeze("d", SystemAccounts.Platform);

            rig.Crashes.Should().Be(1);
            rig.Posted(SystemAccounts.Platform).Should().Be(Amount.FromOpen(2).Atto);
            rig.ForfeitedBy[contributor] = Amount.FromOpen(2).Atto;
            await rig.Check();
        }
    }

    [Fact]
    public async Task Callers_at_once_share_a_write()
    {
        using var rig = new AccrualRig();
        await rig.Answer([new Credit(AccrualRig.Contributor(1), Amount.One)], Amount.One);
        var before = rig.Writes;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => rig.Accrual.Expect($"rc_x{number}", "h")));
        (rig.Writes - before).Should().BeLessThanOrEqualTo(20);
        rig.Restart();
        await rig.Check();
    }

    static async Task<int> Play(Step[] history)
    {
        using var rig = new AccrualRig();
        foreach (var step in history)
        {
            await rig.Try(step.CrashAt, step.After, () => Do(rig, step));
            await rig.Check();
        }

        // Freed of disputes and of dust, everyone has everything.
        for (var dispute = 0; dispute < 4; dispute++)
        {
            await rig.Accrual.EndFreeze($"dispute/{dispute}", null);
        }

        await rig.SettleAll();
        await rig.Answer([new Credit(AccrualRig.Contributor(0), Amount.One)], Amount.One);
        await rig.SettleEpoch(Amount.Zero);
        await rig.Check();
        rig.Posted(rig.Accrual.Pool).Should().Be(UInt128.Zero);
        rig.Posted(SystemAccounts.Stakers).Should().Be(UInt128.Zero);
        return rig.Crashes;
    }

    static async Task Do(AccrualRig rig, Step step)
    {
        var contributor = AccrualRig.Contributor(step.Who);
        Credit[] credits =
        [
            new(contributor, Amount.FromAtto((UInt128)(uint)step.First)),
            new(AccrualRig.Contributor(5), Amount.FromAtto((UInt128)(uint)step.Second)),
        ];
        switch (step.Kind)
        {
            case 0:
                await rig.Answer(credits, Amount.FromAtto((UInt128)(uint)step.First), handOver: step.Second % 7 != 0);
                break;
            case 1 or 2:
                await rig.SettleEpoch(Amount.FromAtto((UInt128)(uint)step.First * 3));
                break;
            case 3:
                await rig.Accrual.Freeze($"dispute/{step.Who}", contributor, step.First % 2 == 0 ? null : credits[0].Amount);
                break;
            case 4:
                await rig.Accrual.EndFreeze($"dispute/{step.Who}", null);
                break;
            default:
                await rig.Accrual.Fold();
                break;
        }
    }
}
