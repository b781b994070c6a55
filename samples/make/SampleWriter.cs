using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Samples;

/// <summary>Deals a Datanet's facts out to its contributors and writes its folder.</summary>
static class SampleWriter
{
    public const int TrainingFactCount = 250;

    public const int HeldOutFactCount = 60;

    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static readonly JsonSerializerOptions Line = new(Indented) { WriteIndented = false };

    sealed record Manifest(
        string Name,
        string Title,
        string Description,
        string Licence,
        string Source,
        ulong Seed,
        int Facts,
        int HeldOutFacts,
        Share[] Contributors,
        string HeldOut);

    sealed record Share(string Name, string File, int Facts);

    /// <summary>Writes <c>datanet.json</c>, <c>held-out.jsonl</c> and a file per contributor below <paramref name="folder"/>.</summary>
    public static void Write(string folder, SampleDatanet datanet, IReadOnlyList<SampleFact> facts, ulong seed)
    {
        var dealt = facts.ToArray();
        StableRandom.For(seed, datanet.Domain.Name).Shuffle(dealt);
        var target = Path.Combine(folder, datanet.Domain.Name);
        var contributorFolder = Path.Combine(target, "contributors");
        if (Directory.Exists(contributorFolder))
            Directory.Delete(contributorFolder, recursive: true);
        Directory.CreateDirectory(contributorFolder);

        var shares = new List<Share>();
        for (var index = 0; index < datanet.Contributors.Length; index++)
        {
            var own = dealt.Take(TrainingFactCount).Where((_, place) => place % datanet.Contributors.Length == index).ToArray();
            var file = $"contributors/{index + 1:D2}-{FileName(datanet.Contributors[index])}.jsonl";
            WriteRows(Path.Combine(target, file), own);
            shares.Add(new Share(datanet.Contributors[index], file, own.Length));
        }

        WriteRows(Path.Combine(target, "held-out.jsonl"), dealt.Skip(TrainingFactCount));
        var manifest = new Manifest(
            datanet.Domain.Name,
            datanet.Title,
            datanet.Description,
            "WordNet 3.0 licence, see ../LICENSE.WordNet",
            "https://wordnet.princeton.edu",
            seed,
            TrainingFactCount,
            facts.Count - TrainingFactCount,
            [.. shares],
            "held-out.jsonl");
        WriteText(Path.Combine(target, "datanet.json"), JsonSerializer.Serialize(manifest, Indented) + "\n");
    }

    static void WriteRows(string path, IEnumerable<SampleFact> facts) =>
        WriteText(path, string.Concat(facts.SelectMany(fact => fact.Rows()).Select(row => JsonSerializer.Serialize(row, Line) + "\n")));

    static void WriteText(string path, string text) => File.WriteAllText(path, text, new UTF8Encoding(false));

    static string FileName(string name) => name.ToLowerInvariant().Replace("'", "").Replace(' ', '-');
}
