using OpenLedger.Silo.Console;
using OpenLedger.Silo.Tests.Gateway;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Console;

[Collection(RunningGateway.Name)]
public sealed class CallCounterTests(RunningGateway gateway)
{
    [Fact]
    public void Outcomes_are_counted_apart_and_percentiles_are_off_by_a_fifth_at_most()
    {
        var counter = new CallCounter();
        for (var milliseconds = 1; milliseconds <= 1_000; milliseconds++)
        {
            var outcome = milliseconds <= 3 ? CallOutcome.Failed : milliseconds <= 10 ? CallOutcome.Refused : CallOutcome.Answered;
            counter.Add(typeof(string), TimeSpan.FromMilliseconds(milliseconds), outcome);
        }

        var counts = counter.Read()["System.String"];
        (counts.Count, counts.Refused, counts.Failed).Should().Be((1_000, 7, 3));
        counts.MeanMs.Should().BeApproximately(500.5, 0.01);
        counts.MedianMs.Should().BeInRange(500, 600);
        counts.NinetyNinthMs.Should().BeInRange(990, 1_190);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(72_000_000_000)]
    [InlineData(long.MaxValue)]
    public void The_shortest_and_the_longest_durations_have_a_place(long ticks)
    {
        var counter = new CallCounter();
        counter.Add(typeof(int), TimeSpan.FromTicks(ticks), CallOutcome.Answered);
        counter.Read().Single().Value.MedianMs.Should().BePositive();
    }

    [Fact]
    public void Classes_beyond_the_bound_are_counted_together()
    {
        var counter = new CallCounter();
        var classes = typeof(object).Assembly.GetTypes().Take(CallCounter.ClassesMax + 50).ToList();
        foreach (var each in classes)
        {
            counter.Add(each, TimeSpan.FromMilliseconds(1), CallOutcome.Answered);
        }

        var counts = counter.Read();
        counts.Should().HaveCount(CallCounter.ClassesMax + 1);
        counts[CallCounter.OtherClasses].Count.Should().Be(50);
    }

    [Fact]
    public async Task On_a_silo_every_call_is_counted_under_its_class_and_a_refusal_is_no_failure()
    {
        var before = await Ledger();
        var act = () => gateway.Client.Ledger.GetLatestReceipts(-1);
        await act.Should().ThrowAsync<UserErrorException>();
        await gateway.Client.Ledger.GetSummary();

        var after = await Ledger();
        (after.Count - before.Count).Should().BeGreaterThanOrEqualTo(2);
        (after.Refused - before.Refused).Should().Be(1);
        after.Failed.Should().Be(before.Failed);
    }

    async Task<CallCounts> Ledger()
    {
        await gateway.Client.Ledger.GetBalances([SystemAccounts.Treasury]);
        var counter = (CallCounter)gateway.Server.Services.GetService(typeof(CallCounter))!;
        return counter.Read()["OpenLedger.Grains.Ledger.LedgerGrain"];
    }
}
