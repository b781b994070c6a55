using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class VestingTests
{
    const int SimulatedMonths = 60;

    static readonly DateTimeOffset genesis = new(2026, 1, 31, 12, 30, 0, TimeSpan.Zero);

    /// <summary>Totals that divide by no number of months, so that every step has a remainder.</summary>
    static readonly Gen<VestingSchedule> schedules =
        from high in Gen.Choose(0, int.MaxValue)
        from low in ArbMap.Default.GeneratorFor<ulong>()
        from cliff in Gen.Choose(0, 24)
        from linear in Gen.Choose(1, 60)
        select new VestingSchedule(Amount.FromAtto(new UInt128((ulong)high, low)), cliff, linear);

    [Fact]
    public void The_allocation_is_the_supply_to_the_last_atto()
    {
        Amount.Sum(Allocation.All.Select(each => each.Total)).Should().Be(Amount.Supply);
        Allocation.All.Should().OnlyContain(
            each => each.AtGenesis + (each.Schedule == null ? Amount.Zero : each.Schedule.Total) == each.Total);
        Share(Allocation.Community).Should().Be(5_171);
        Share(Allocation.Ecosystem).Should().Be(1_000);
        Share(Allocation.Investors).Should().Be(1_829);
        Share(Allocation.Team).Should().Be(1_500);
        Share(Allocation.Liquidity).Should().Be(500);
        Amount.Sum(Allocation.All.Select(each => each.AtGenesis)).Should().Be(Amount.FromOpen(215_500_000), "that circulates at genesis");

        static int Share(Allocation each) => (int)(each.Total.Atto * 10_000 / Amount.Supply.Atto);
    }

    [Fact]
    public void Sixty_months_of_releases_are_the_schedule_to_the_last_atto()
    {
        foreach (var bucket in Allocation.All)
        {
            var released = bucket.AtGenesis;
            for (var month = 1; month <= SimulatedMonths; month++)
            {
                var now = VestingCalendar.EndOf(genesis, month);
                var before = VestingCalendar.MonthsBetween(genesis, now - TimeSpan.FromTicks(1));
                released += bucket.Schedule?.Releasable(before, released - bucket.AtGenesis) ?? Amount.Zero;
                released.Should().Be(bucket.ReleasedAfter(month - 1), $"the last tick before month {month} releases nothing of it");
                released += bucket.Schedule?.Releasable(VestingCalendar.MonthsBetween(genesis, now), released - bucket.AtGenesis)
                    ?? Amount.Zero;
                released.Should().Be(bucket.ReleasedAfter(month));
            }

            released.Should().Be(bucket.Total);
        }
    }

    [Fact]
    public void The_cliff_pays_nothing_and_nothing_is_made_up_for()
    {
        Allocation.Investors.ReleasedAfter(12).Should().Be(Amount.Zero);
        Allocation.Team.ReleasedAfter(12).Should().Be(Amount.Zero);
        Allocation.Team.ReleasedAfter(13).Should().Be(Amount.FromOpen(150_000_000).MultiplyDivide(1, 36));
        Allocation.Team.ReleasedAfter(47).Should().Be(Amount.FromOpen(150_000_000).MultiplyDivide(35, 36));
        Allocation.Team.ReleasedAfter(48).Should().Be(Amount.FromOpen(150_000_000));
        Allocation.Community.ReleasedAfter(24).Should().Be(Amount.FromOpen(145_500_000 + (371_600_000 / 2)));
    }

    [Fact]
    public void Whenever_and_however_often_is_claimed_the_sum_is_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(
            (from schedule in schedules from claims in Gen.Choose(0, 100).ListOf() select (schedule, claims)).ToArbitrary(),
            each =>
            {
                var (schedule, claims) = each;
                var released = Amount.Zero;
                foreach (var month in claims.Order())
                {
                    released += schedule.Releasable(month, released);
                    if (released != schedule.VestedAfter(month) || released > schedule.Total)
                    {
                        return false;
                    }
                }

                return released + schedule.Releasable(schedule.MonthsMax, released) == schedule.Total
                    || claims.Any(month => month > schedule.MonthsMax);
            }));

    [Fact]
    public void Vesting_is_monotone_and_each_month_is_within_an_atto_of_its_exact_part() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(schedules.ToArbitrary(), schedule =>
        {
            for (var month = 0; month <= schedule.MonthsMax + 3; month++)
            {
                var (now, next) = (schedule.VestedAfter(month), schedule.VestedAfter(month + 1));
                var step = (next - now).Atto;
                var exact = schedule.Total.Atto / (UInt128)(uint)schedule.LinearMonths;
                var isLinear = month >= schedule.CliffMonths && month < schedule.MonthsMax;
                if (next < now || (isLinear ? step < exact || step > exact + 1 : step != 0))
                {
                    return false;
                }
            }

            return schedule.VestedAfter(schedule.MonthsMax) == schedule.Total;
        }));

    [Fact]
    public void Months_are_counted_from_genesis_and_end_on_its_day()
    {
        VestingCalendar.EndOf(genesis, 1).Should().Be(new DateTimeOffset(2026, 2, 28, 12, 30, 0, TimeSpan.Zero), "February has no 31st");
        VestingCalendar.EndOf(genesis, 2).Should().Be(new DateTimeOffset(2026, 3, 31, 12, 30, 0, TimeSpan.Zero), "March has one again");
        VestingCalendar.MonthsBetween(genesis, genesis).Should().Be(0);
        VestingCalendar.MonthsBetween(genesis, genesis.AddYears(-1)).Should().Be(0);
        VestingCalendar.MonthsBetween(genesis, new DateTimeOffset(2026, 2, 28, 12, 29, 59, TimeSpan.Zero)).Should().Be(0);
        VestingCalendar.MonthsBetween(genesis, new DateTimeOffset(2026, 2, 28, 13, 30, 0, TimeSpan.FromHours(1))).Should().Be(1);
    }

    [Fact]
    public void Every_moment_lies_between_the_ends_of_its_month_and_the_next() =>
        Prop.ForAll(
            (from start in Gen.Choose(0, 800_000) from minutes in Gen.Choose(0, 3_000_000) select (start, minutes)).ToArbitrary(),
            each =>
            {
                var from = DateTimeOffset.UnixEpoch.AddHours(each.start);
                var moment = from.AddMinutes(each.minutes);
                var months = VestingCalendar.MonthsBetween(from, moment);
                return VestingCalendar.EndOf(from, months) <= moment && moment < VestingCalendar.EndOf(from, months + 1);
            }).QuickCheckThrowOnFailure();
}
