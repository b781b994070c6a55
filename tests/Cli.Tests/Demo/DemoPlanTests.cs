using OpenLedger.Cli.Demo;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Demo;

public sealed class DemoPlanTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Questions_are_of_distinct_facts_and_name_the_contributor_of_each()
    {
        var questions = DemoPlan.Draw(Samples(), SampleWords.All.Count, seed: 1);

        questions.Select(question => question.Term).Should().BeEquivalentTo(SampleWords.All.Select(word => word.Term));
        foreach (var question in questions)
        {
            var word = SampleWords.All.Single(each => each.Term == question.Term);
            SampleWords.Contributors[question.Owner].Should().Be(word.Contributor);
            question.Answer.Should().Be(word.Answer);
        }
    }

    [Fact]
    public void A_question_holds_the_term_and_not_the_definition() =>
        DemoPlan.Draw(Samples(), 10, seed: 3).Should().OnlyContain(question =>
            question.Prompt.Contains(question.Term, StringComparison.Ordinal)
            && !question.Prompt.Contains(question.Answer.Trim(), StringComparison.Ordinal));

    [Fact]
    public void The_draw_follows_from_the_seed()
    {
        var first = DemoPlan.Draw(Samples(), 8, seed: 1);
        DemoPlan.Draw(Samples(), 8, seed: 1).Should().Equal(first);
        DemoPlan.Draw(Samples(), 8, seed: 2).Should().NotEqual(first);
    }

    [Fact]
    public void A_fact_that_two_contributors_hold_is_never_asked()
    {
        var samples = Samples();
        var shared = samples.Files[0].Rows[0];
        var files = samples.Files.ToList();
        files[1] = files[1] with { Rows = [.. files[1].Rows, shared with { Phrasing = "definition", Prompt = "Explain it:" }] };

        var questions = DemoPlan.Draw(samples with { Files = files }, SampleWords.All.Count - 1, seed: 1);

        questions.Should().NotContain(question => question.Term == shared.Term);
        var act = () => DemoPlan.Draw(samples with { Files = files }, SampleWords.All.Count, seed: 1);
        act.Should().Throw<UserErrorException>().WithMessage("*17 facts of exactly one contributor*18 questions*--questions*");
    }

    [Theory]
    [InlineData("ailments")]
    [InlineData("food")]
    [InlineData("money")]
    public void Every_shipped_sample_has_questions_enough(string name)
    {
        var samples = DemoSamples.Read(ShippedFiles.Find(Path.Combine("samples", name)));
        samples.Files.Should().HaveCount(16);
        DemoPlan.Draw(samples, 48, seed: 1).Select(question => question.Term).Should().HaveCount(48).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_contributor_whose_file_is_missing_is_named()
    {
        var folder = SampleFolder.Write(_folder.Path);
        File.Delete(Path.Combine(folder, SampleFolder.PathOf("Bela")));
        var act = () => DemoSamples.Read(folder);
        act.Should().Throw<UserErrorException>().WithMessage("*bela.jsonl*does not exist*");
    }

    [Theory]
    [InlineData("{\"name\":\"words\",\n\"title\" \"Words\"}", "*datanet.json, line 2, column 9*")]
    [InlineData("{\"name\":\"words\"}", "*datanet.json*not the card of a Datanet*")]
    [InlineData("", "*datanet.json*not the card of a Datanet*")]
    public void A_card_that_is_none_is_named_with_its_place(string card, string message)
    {
        var folder = SampleFolder.Write(_folder.Path);
        File.WriteAllText(Path.Combine(folder, "datanet.json"), card);
        var act = () => DemoSamples.Read(folder);
        act.Should().Throw<UserErrorException>().WithMessage(message);
    }

    DemoSamples Samples() => DemoSamples.Read(SampleFolder.Write(_folder.Path));
}
