using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class EmissionTests
{
    [Fact]
    public void No_sequence_of_epochs_pays_more_than_its_epoch_the_total_or_the_treasury() =>
        Prop.ForAll(
            (from perEpoch in Gen.Choose(0, 100)
             from total in Gen.Choose(0, 500)
             from treasury in Gen.Choose(0, 700)
             from epochs in (from rows in Gen.Choose(0, 50).ArrayOf() select rows).ListOf()
             select (perEpoch, total, treasury, epochs)).ToArbitrary(),
            each =>
            {
                var parameters = NetworkParameters.Default with
                {
                    EmissionPerEpoch = Atto(each.perEpoch), EmissionTotalMax = Atto(each.total),
                };
                var (emitted, treasury) = (Amount.Zero, Atto(each.treasury));
                foreach (var rows in each.epochs)
                {
                    var budget = Emission.Budget(parameters, emitted, treasury);
                    var lines = Emission.Divide(budget, Contributors(rows));
                    var paid = Amount.Sum(lines.Select(line => line.Amount));
                    if (paid != (rows.Any(count => count > 0) ? budget : Amount.Zero) || paid > parameters.EmissionPerEpoch)
                    {
                        return false;
                    }

                    // Either throws where it would go below nothing.
                    treasury -= paid;
                    emitted += paid;
                }

                return emitted <= parameters.EmissionTotalMax;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_contributor_of_more_rows_never_gets_less_and_the_order_changes_nothing() =>
        Prop.ForAll(
            (from budget in Gen.Choose(0, 10_000) from rows in Gen.Choose(0, 50).ArrayOf() select (budget, rows)).ToArbitrary(),
            each =>
            {
                var rows = Contributors(each.rows);
                var lines = Emission.Divide(Atto(each.budget), rows);
                var reversed = Emission.Divide(Atto(each.budget), rows.Reverse().ToDictionary());
                var paid = lines.ToDictionary(line => line.Account, line => line.Amount);
                Amount Of(string account) => paid.GetValueOrDefault(account);
                return lines.SequenceEqual(reversed)
                    && rows.All(left => rows.All(right => left.Value <= right.Value || Of(left.Key) >= Of(right.Key)));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_epoch_pays_by_rows()
    {
        var lines = Emission.Divide(Amount.FromOpen(10), new Dictionary<string, long> { ["acct_b"] = 3, ["acct_a"] = 1, ["acct_c"] = 0 });

        lines.Should().Equal(new EmissionLine("acct_a", Amount.Parse("2.5")), new EmissionLine("acct_b", Amount.Parse("7.5")));
    }

    [Fact]
    public void Without_a_governed_sum_nothing_is_paid() =>
        Emission.Budget(NetworkParameters.Default, Amount.Zero, Amount.Supply).Should().Be(Amount.Zero);

    static Amount Atto(int value) => Amount.FromAtto((UInt128)(uint)value);

    static Dictionary<string, long> Contributors(int[] rows) =>
        rows.Select((count, index) => (Account: $"acct_{index:d4}", Count: (long)count))
            .ToDictionary(pair => pair.Account, pair => pair.Count);
}
