using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Datanets.Tests;

public sealed class RowParserTests
{
    static ParsedFile Parse(string name, string text, ContributionLimits? limits = null) =>
        RowParser.Parse(name, Encoding.UTF8.GetBytes(text), limits);

    static ContributionException Refused(string name, byte[] bytes, ContributionLimits? limits = null) =>
        FluentActions.Invoking(() => RowParser.Parse(name, bytes, limits)).Should().Throw<ContributionException>()
            .Where(exception => exception.Message.EndsWith("nothing of the file was taken", StringComparison.Ordinal)
                && exception.Message.Contains(exception.FileName, StringComparison.Ordinal)).Which;

    static ContributionException Refused(string name, string text, ContributionLimits? limits = null) =>
        Refused(name, Encoding.UTF8.GetBytes(text), limits);

    [Fact]
    public void JsonLinesAreRowsWithTheirLines()
    {
        var file = Parse(
            "facts.jsonl", "\uFEFF{\"prompt\":\"a?\",\"answer\":\"b\",\"term\":\"a\",\"phrasing\":\"question\"}\r\n\n {\"text\":\"c é\"} ");

        file.Format.Should().Be(RowFormat.JsonLines);
        file.Rows.Select(row => row.Line).Should().Equal(1, 3);
        file.Rows[0].Row.Should().Be(new Row("a?", "b", [KeyValuePair.Create("phrasing", "question"), KeyValuePair.Create("term", "a")]));
        file.Rows[0].Row.Field("term").Should().Be("a");
        file.Rows[0].Row.Field("licence").Should().BeNull();
        file.Rows[1].Row.Should().Be(new Row("", "c é"));
        file.Rows[1].Row.IsText.Should().BeTrue();
    }

    [Fact]
    public void ParagraphsAreRowsWithTheirLines()
    {
        var file = Parse("notes.TXT", "\n  One line \r\nand more.\r\n \t\nTwo.\n\n\n\nThree.");

        file.Format.Should().Be(RowFormat.Text);
        file.Rows.Should().Equal(
            new ParsedRow(new Row("", "One line\nand more."), 2),
            new ParsedRow(new Row("", "Two."), 5),
            new ParsedRow(new Row("", "Three."), 9));
    }

    [Theory]
    [InlineData("{\"text\":\"a\"}\n{\"text\":\"b\",}", 2, 13, "malformed JSON")]
    [InlineData("{\"text\":\"é\"", 1, 12, "malformed JSON")]
    [InlineData("{\"text\":\"é\" x}", 1, 13, "malformed JSON")]
    [InlineData("{\"text\":\"a\"} {\"text\":\"b\"}", 1, 14, "malformed JSON")]
    [InlineData("{\"text\":\"a\"}\nplain words", 2, 1, "malformed JSON")]
    [InlineData("[1]", 1, 1, "a row is a JSON object")]
    [InlineData("\"text\"", 1, 1, "a row is a JSON object")]
    [InlineData("{\"text\":\"a\",\"size\":3}", 1, 20, "'size' is not a string")]
    [InlineData("{\"text\":null}", 1, 9, "'text' is not a string")]
    [InlineData("{\"text\":\"a\",\"tags\":[\"x\"]}", 1, 20, "'tags' is not a string")]
    [InlineData("{\"text\":\"a\",\"text\":\"b\"}", 1, 13, "'text' occurs twice")]
    [InlineData("{\"text\":\"\\ud800\"}", 1, 9, "half a surrogate pair")]
    [InlineData("{\"text\":\"a\\u0000b\"}", 1, 9, "NUL character")]
    [InlineData("{\"text\":\"a\"}\n\n{\"prompt\":\"a\"}", 3, 0, "lacks 'answer'")]
    [InlineData("{\"answer\":\"a\"}", 1, 0, "lacks 'prompt'")]
    [InlineData("{\"term\":\"a\"}", 1, 0, "lacks 'prompt' and 'answer', or 'text'")]
    [InlineData("{\"prompt\":\"a\",\"answer\":\" \\n\"}", 1, 0, "the answer is empty")]
    [InlineData("{\"prompt\":\"\",\"answer\":\"a\"}", 1, 0, "the prompt is empty")]
    [InlineData("{\"text\":\"a\",\"prompt\":\"b\"}", 1, 0, "either 'text' or 'prompt'")]
    [InlineData("{\"\":\"a\"}", 1, 2, "a field name")]
    public void MalformedJsonNamesLineAndColumn(string text, int line, int column, string reason)
    {
        var exception = Refused("bad.jsonl", text);

        exception.Line.Should().Be(line, exception.Message);
        exception.Column.Should().Be(column, exception.Message);
        exception.Message.Should().Contain(reason).And.Contain($"line {line}");
    }

    [Theory]
    [InlineData("empty.jsonl", "")]
    [InlineData("empty.txt", "")]
    [InlineData("blank.jsonl", "\n \r\n")]
    [InlineData("blank.txt", "\uFEFF\n  \n")]
    public void AnEmptyFileIsRefused(string name, string text) => Refused(name, text).Reason.Should().Contain("empty");

    [Fact]
    public void ABinaryFileIsRefusedWithThePlace()
    {
        var nul = Refused("picture.txt", [.. "ab\né"u8, 0, .. "c"u8]);
        var invalid = Refused("picture.jsonl", [.. "{\"text\":\"é"u8, 0xC3, 0x28, .. "\"}"u8]);

        (nul.Line, nul.Column).Should().Be((2, 2));
        nul.Reason.Should().Contain("NUL").And.Contain("byte 5");
        (invalid.Line, invalid.Column).Should().Be((1, 11));
        invalid.Reason.Should().Contain("0xc3").And.Contain("byte 11");
    }

    [Fact]
    public void LimitsAreKept()
    {
        Refused("a.txt", "123456", new ContributionLimits { FileSizeBytesMax = 5 }).Reason.Should().Contain("6 bytes").And.Contain("5");
        Refused("a.txt", "1\n\n2\n\n3", new ContributionLimits { RowCountMax = 2 }).Line.Should().Be(5);
        Refused("a.jsonl", "{\"text\":\"1\"}\n{\"text\":\"2\"}", new ContributionLimits { RowCountMax = 1 }).Line.Should().Be(2);
        Refused("a.jsonl", "{\"text\":\"1\",\"a\":\"1\",\"b\":\"2\"}", new ContributionLimits { MetadataCountMax = 1 })
            .Reason.Should().Contain("at most 1");
        Refused("a.jsonl", "{\"text\":\"1\",\"a\":\"123\"}", new ContributionLimits { MetadataValueLengthMax = 2 })
            .Reason.Should().Contain("'a'");
        Refused("a.pdf", "text").Reason.Should().Contain(".jsonl and .txt");
        FluentActions.Invoking(() => Parse("", "text")).Should().Throw<ContributionException>();
        FluentActions.Invoking(() => Parse("a\nb.txt", "text")).Should().Throw<ContributionException>();
        Parse("a.txt", new string('x', 5_000_000)).Rows.Should().ContainSingle();
        Refused("a.txt", new string('x', 5_000_001)).Reason.Should().Contain("5000001");
    }

    [Fact]
    public void AnyBytesGiveRowsOrARefusalNeverAnotherError() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            foreach (var name in new[] { "a.txt", "a.jsonl" })
            {
                try
                {
                    if (RowParser.Parse(name, bytes).Rows.Count == 0)
                    {
                        return false;
                    }
                }
                catch (ContributionException)
                {
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyChangedByteOfAGoodFileGivesRowsOrARefusal()
    {
        var good = "{\"prompt\":\"a \\\"?\",\"answer\":\"b\\u00e9\",\"term\":\"é\"}\n{\"text\":\"c\"}"u8.ToArray();
        Prop.ForAll(Gen.Choose(0, good.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (at, value) =>
        {
            var changed = good.ToArray();
            changed[at] = (byte)value;
            try
            {
                return RowParser.Parse("a.jsonl", changed).Rows.Count > 0;
            }
            catch (ContributionException exception)
            {
                return exception.Reason.Length > 0;
            }
        }).QuickCheckThrowOnFailure();
    }
}
