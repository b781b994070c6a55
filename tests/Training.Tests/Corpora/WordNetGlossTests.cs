using FsCheck;
using FsCheck.Fluent;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class WordNetGlossTests
{
    [Theory]
    [InlineData("a state; or a mood", "a state", 1, 0)]
    [InlineData("(medicine) a dull pain", "a dull pain", 0, 0)]
    [InlineData("(of wine)", "(of wine)", 0, 0)]
    [InlineData("a list (one; two) of things; \"she said; he heard\" - A. Writer", "a list (one; two) of things", 0, 1)]
    [InlineData("upward; \"sent her spirits aloft\" \"aloft\"", "upward", 0, 2)]
    [InlineData("an open quote; \"without an end", "an open quote", 0, 1)]
    [InlineData("", "", 0, 0)]
    public void A_gloss_comes_apart(string gloss, string definition, int remarks, int examples)
    {
        var parts = WordNetGloss.Parse(gloss);

        parts.Definition.Should().Be(definition);
        parts.Remarks.Should().HaveCount(remarks);
        parts.Examples.Should().HaveCount(examples);
    }

    [Fact]
    public void Examples_lose_their_quotes_and_their_author() =>
        WordNetGloss.Parse("a word; \"Brevity is the soul of wit\" - Shakespeare").Examples.Should().Equal("Brevity is the soul of wit");

    [Fact]
    public void No_text_is_refused_and_no_part_is_empty() =>
        Check.QuickThrowOnFailure(Prop.ForAll<NonNull<string>>(gloss =>
        {
            var (_, remarks, examples) = WordNetGloss.Parse(gloss.Get);
            return remarks.Concat(examples).All(part => part.Length > 0 && part == part.Trim());
        }));
}
