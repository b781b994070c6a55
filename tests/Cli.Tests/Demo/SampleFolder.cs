using System.Text.Json;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Demo;

/// <summary>The tests' words laid out as a sample Datanet on disk.</summary>
static class SampleFolder
{
    public static string Write(string parent)
    {
        var folder = Path.Combine(parent, "words");
        Directory.CreateDirectory(Path.Combine(folder, "contributors"));
        foreach (var name in SampleWords.Contributors)
        {
            File.WriteAllBytes(Path.Combine(folder, PathOf(name)), SampleWords.File(name));
        }

        File.WriteAllBytes(Path.Combine(folder, "held-out.jsonl"), SampleWords.HeldOutFile);
        File.WriteAllBytes(Path.Combine(folder, "datanet.json"), JsonSerializer.SerializeToUtf8Bytes(new
        {
            name = "words",
            title = "Words",
            description = "Rare words with their meanings.",
            licence = "CC0-1.0",
            contributors = SampleWords.Contributors.Select(name => new { name, file = PathOf(name) }),
        }));
        return folder;
    }

    public static string PathOf(string contributor) => $"contributors/{contributor.ToLowerInvariant()}.jsonl";
}
