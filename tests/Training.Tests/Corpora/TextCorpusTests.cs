using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class TextCorpusTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("openledger-corpus-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Paragraphs_are_documents_named_by_file_and_line()
    {
        var documents = TextCorpus.Read(new StringReader("\n\none\ntwo  \n\n   \nthree"), "a.txt");

        documents.Should().Equal(new CorpusDocument("a.txt:3", "one\ntwo"), new CorpusDocument("a.txt:7", "three"));
    }

    [Fact]
    public void Files_are_read_in_the_order_given()
    {
        var (first, second) = (Written("b.txt", "b\n"u8), Written("a.txt", "ä"u8));

        TextCorpus.ReadFiles([first, second]).Select(document => document.Text).Should().Equal("b", "ä");
    }

    [Fact]
    public void What_is_not_text_is_refused_with_file_and_line()
    {
        Refusal(Written("latin.txt", [.. "fine\n\nJos"u8, 0xE9, 0x20])).Should().Contain("latin.txt").And.Contain("UTF-8");
        Refusal(Written("binary.bin", "fine\na\0b"u8)).Should().Contain("binary.bin, line 2").And.Contain("NUL");
        Refusal(Written("empty.txt", "\n \n"u8)).Should().Contain("empty.txt").And.Contain("no text");
        Refusal(Path.Combine(folder, "absent.txt")).Should().Contain("absent.txt").And.Contain("no such file");
    }

    [Fact]
    public void A_paragraph_without_end_is_refused()
    {
        var read = () => TextCorpus.Read(new StringReader("x\n" + new string('y', TextCorpus.ParagraphLengthMax)), "a.txt").ToArray();

        read.Should().Throw<CorpusFormatException>().WithMessage("a.txt, line 1: *");
    }

    string Written(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content.ToArray());
        return path;
    }

    static string Refusal(string path) =>
        FluentActions.Invoking(() => TextCorpus.ReadFiles([path]).ToArray()).Should().Throw<CorpusFormatException>().Which.Message;
}
