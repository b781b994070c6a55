using System.Text;

namespace OpenLedger.Training.Corpora;

/// <summary>Plain text as a corpus: UTF-8, a document per paragraph, paragraphs parted by empty lines.</summary>
public static class TextCorpus
{
    /// <summary>A paragraph above this many characters is refused: it is most likely not text.</summary>
    public const int ParagraphLengthMax = 1_000_000;

    /// <summary>Reads files in the order given. Ids are <c>file:line</c>.</summary>
    /// <exception cref="CorpusFormatException">A file is missing, empty, not UTF-8, or holds a NUL or an endless paragraph.</exception>
    public static IEnumerable<CorpusDocument> ReadFiles(IEnumerable<string> paths) => paths.SelectMany(ReadFile);

    static IEnumerable<CorpusDocument> ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new CorpusFormatException(path, "there is no such file.");
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var found = false;
        foreach (var document in Read(reader, path))
        {
            found = true;
            yield return document;
        }

        if (!found)
            throw new CorpusFormatException(path, "the file holds no text.");
    }

    /// <summary>Reads paragraphs; lines within one keep their line breaks.</summary>
    /// <exception cref="CorpusFormatException">The text is not UTF-8, or holds a NUL or an endless paragraph.</exception>
    public static IEnumerable<CorpusDocument> Read(TextReader reader, string file)
    {
        var paragraph = new StringBuilder();
        var first = 0;
        for (var line = 1; ; line++)
        {
            var text = ReadLine(reader, file, line);
            if (!string.IsNullOrWhiteSpace(text))
            {
                first = paragraph.Length == 0 ? line : first;
                paragraph.Append(paragraph.Length == 0 ? "" : "\n").Append(text.TrimEnd());
                if (paragraph.Length > ParagraphLengthMax)
                    throw new CorpusFormatException(file, first, $"the paragraph is longer than {ParagraphLengthMax} characters.");
                continue;
            }

            if (paragraph.Length > 0)
                yield return new CorpusDocument($"{file}:{first}", paragraph.ToString());
            paragraph.Clear();
            if (text is null)
                yield break;
        }
    }

    static string? ReadLine(TextReader reader, string file, int line)
    {
        try
        {
            var text = reader.ReadLine();
            return text?.Contains('\0') == true
                ? throw new CorpusFormatException(file, line, "the line holds a NUL; this is not text.")
                : text;
        }
        catch (DecoderFallbackException)
        {
            throw new CorpusFormatException(file, line, "the bytes are not UTF-8; convert the file.");
        }
    }
}
