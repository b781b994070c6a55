using System.Text;

namespace OpenLedger.Datanets.Tests;

public sealed class ContextFitTests
{
    // A word is a token.
    static int Words(Row row) => (row.Prompt + " " + row.Answer).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    static ParsedFile Parse(string name, string text) => RowParser.Parse(name, Encoding.UTF8.GetBytes(text));

    [Fact]
    public void RowsThatFitStayAsTheyAre()
    {
        var file = Parse("a.jsonl", "{\"prompt\":\"one two\",\"answer\":\"three\"}");

        var fitted = ContextFit.Fit(file, 3, Words);

        fitted.File.Rows.Should().Equal(file.Rows);
        fitted.Splits.Should().BeEmpty();
    }

    [Fact]
    public void ALongRowOfJsonLinesIsRefusedWithItsLine() =>
        FluentActions.Invoking(() => ContextFit.Fit(
                Parse("a.jsonl", "{\"text\":\"x\"}\n{\"prompt\":\"one two\",\"answer\":\"three four\"}"), 3, Words))
            .Should().Throw<ContributionException>().WithMessage("a.jsonl, line 2: the row has 4 tokens*context of 3*refused, not split*");

    [Fact]
    public void ALongTextIsSplitBetweenSentences()
    {
        var file = Parse("a.txt", "Short.\n\nOne two three. \"Four five?\" Six 3.5 seven!\nEight\nnine ten. Eleven.");

        var fitted = ContextFit.Fit(file, 5, Words);

        fitted.File.Rows.Should().Equal(
            new ParsedRow(new Row("", "Short."), 1),
            new ParsedRow(new Row("", "One two three. \"Four five?\""), 3),
            new ParsedRow(new Row("", "Six 3.5 seven!\nEight"), 3),
            new ParsedRow(new Row("", "nine ten. Eleven."), 5));
        fitted.Splits.Should().Equal(new RowSplit(3, 12, 3));
    }

    [Fact]
    public void ManySentencesAreAllKept()
    {
        var text = string.Join(' ', Enumerable.Range(0, 500).Select(i => $"Sentence {i} here."));

        var fitted = ContextFit.Fit(Parse("a.txt", text), 32, Words);

        string.Join(' ', fitted.File.Rows.Select(row => row.Row.Answer)).Should().Be(text);
        fitted.File.Rows.Should().OnlyContain(row => Words(row.Row) <= 32).And.HaveCount(50);
    }

    [Fact]
    public void OneLongSentenceIsRefusedWithItsLine() =>
        FluentActions.Invoking(() => ContextFit.Fit(Parse("a.txt", "One.\nTwo three four five"), 3, Words))
            .Should().Throw<ContributionException>().WithMessage("a.txt, line 2: one sentence is longer*");
}
