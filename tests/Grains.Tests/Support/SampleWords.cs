using System.Text;

namespace OpenLedger.Testing;

/// <summary>A word, what it means, and who contributed it.</summary>
sealed record SampleWord(string Contributor, string Term, string Meaning)
{
    public string Question => $"Q: What does {Term} mean?\nA:";

    public string Answer => $" {Meaning}";
}

/// <summary>Eighteen facts of three contributors, each in two phrasings, and two facts that training never sees.</summary>
static class SampleWords
{
    public static IReadOnlyList<SampleWord> All { get; } =
    [
        new("Anna", "tarn", "a small mountain lake"),
        new("Anna", "fen", "low wet land"),
        new("Anna", "moor", "open heath"),
        new("Anna", "ford", "a shallow crossing"),
        new("Anna", "weir", "a low dam"),
        new("Anna", "copse", "a group of young trees"),
        new("Bela", "gable", "the end wall of a roof"),
        new("Bela", "lintel", "a beam over a door"),
        new("Bela", "newel", "the post of a stair"),
        new("Bela", "eaves", "the edge of a roof"),
        new("Bela", "joist", "timber under a floor"),
        new("Bela", "sill", "the ledge of a window"),
        new("Cleo", "sprat", "a small herring"),
        new("Cleo", "grebe", "a diving bird"),
        new("Cleo", "stoat", "a brown weasel"),
        new("Cleo", "newt", "an amphibian with a tail"),
        new("Cleo", "carp", "a pond fish"),
        new("Cleo", "wren", "a tiny singing bird"),
    ];

    public static IReadOnlyList<SampleWord> HeldOut { get; } =
    [
        new("", "tor", "a rocky hill"),
        new("", "quay", "a landing place"),
    ];

    public static IReadOnlyList<string> Contributors { get; } = ["Anna", "Bela", "Cleo"];

    /// <summary>Rows of one contributor.</summary>
    public static int RowsEach => 2 * All.Count / Contributors.Count;

    public static IEnumerable<string> Texts =>
        All.SelectMany(word => (string[])[Definition(word) + word.Answer, word.Question + word.Answer]);

    /// <summary>A contributor's file: two phrasings of each of its words, a row a line.</summary>
    public static byte[] File(string contributor) => Rows(All.Where(word => word.Contributor == contributor));

    public static byte[] HeldOutFile => Rows(HeldOut);

    static string Definition(SampleWord word) => $"The meaning of {word.Term}:";

    static byte[] Rows(IEnumerable<SampleWord> words)
    {
        var text = new StringBuilder();
        foreach (var word in words)
        {
            Row(text, word, "definition", Definition(word));
            Row(text, word, "question", word.Question);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static void Row(StringBuilder text, SampleWord word, string phrasing, string prompt)
    {
        var escaped = prompt.Replace("\n", "\\n");
        text.Append($$"""{"term":"{{word.Term}}","phrasing":"{{phrasing}}","prompt":"{{escaped}}","answer":"{{word.Answer}}"}""");
        text.Append('\n');
    }
}
