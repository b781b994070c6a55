using OpenLedger.Grains.Attribution;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Attribution;

[Collection(TrainedNetwork.Name)]
public sealed class AttributionTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task An_answer_learned_by_heart_credits_most_whoever_contributed_it()
    {
        var first = 0;
        var exact = 0;
        foreach (var (word, index) in SampleWords.All.Select((word, index) => (word, index)))
        {
            var answer = await fixture.Client.Complete(SampleNetwork.Request($"rq_owner_{index}", prompt: word.Question));
            var attribution = answer.Settlement.Attribution!;
            exact += answer.Text == word.Answer ? 1 : 0;
            first += attribution.Contributors.MaxBy(each => each.Credit)!.Contributor == SampleNetwork.Account(word.Contributor) ? 1 : 0;
            attribution.Method.Should().Be(AttributionMethods.Name);
            attribution.Contributors.Select(each => each.Contributor).Should().OnlyHaveUniqueItems();
        }

        exact.Should().BeGreaterThanOrEqualTo(15, "eighteen facts are learned by heart");
        first.Should().BeGreaterThanOrEqualTo(15);
    }

    [Fact]
    public async Task A_passage_shown_for_a_row_is_part_of_the_answer()
    {
        var answer = await fixture.Client.Complete(SampleNetwork.Request("rq_passage", prompt: SampleWords.All[2].Question));
        var credits = answer.Settlement.Attribution!.Credits;
        var passages = credits.Select(credit => credit.Passage).Where(passage => passage.Length > 0).ToList();
        passages.Should().NotBeEmpty().And.OnlyContain(passage => answer.Text.Contains(passage, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Totals_grow_by_what_an_answer_paid()
    {
        var before = await Totals();
        var settlement = (await fixture.Client.Complete(SampleNetwork.Request("rq_totals"))).Settlement;
        var after = await Totals();

        var lines = settlement.Lines.Where(line => line.Role == "contributor").ToList();
        lines.Should().NotBeEmpty();
        foreach (var line in lines)
        {
            (after[line.Account] - before.GetValueOrDefault(line.Account)).Should().Be(line.Amount);
        }
    }

    async Task<Dictionary<string, Amount>> Totals() =>
        (await fixture.Client.GetContributorTotals(SampleNetwork.AdapterId))
            .ToDictionary(total => total.Contributor, total => total.Amount);
}
