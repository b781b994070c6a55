using System.Text.Json;
using OpenLedger.Datanets;

namespace OpenLedger.Bench.Samples;

/// <summary>A sample Datanet: its accepted rows in order, and rows that nothing is trained on.</summary>
/// <param name="HeldOut">The file of the held-out rows, as it lies on disk.</param>
sealed record Sample(string Name, IReadOnlyList<DatanetRow> Rows, byte[] HeldOut)
{
    const string QuestionPhrasing = "question";
    const int ContributorCountMax = 1_000;

    /// <summary>Contributors in order of their files.</summary>
    public IReadOnlyList<string> Contributors => [.. Rows.Select(row => row.Contributor).Distinct()];

    /// <exception cref="UserErrorException">The folder holds no sample, or a file of it is damaged.</exception>
    public static Sample Read(string folder)
    {
        var path = Path.Combine(folder, "datanet.json");
        if (!File.Exists(path))
        {
            throw new UserErrorException($"There is no sample Datanet at '{folder}': {path} does not exist. Name one with --sample.");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var name = document.RootElement.GetProperty("name").GetString() ?? "";
            var datanet = new Datanet(new DatanetDescription("dn_bench", name, "", "", "bench"));
            foreach (var each in document.RootElement.GetProperty("contributors").EnumerateArray().Take(ContributorCountMax))
            {
                var file = each.GetProperty("file").GetString() ?? "";
                var parsed = RowParser.Parse(Path.GetFileName(file), File.ReadAllBytes(Path.Combine(folder, file)));
                datanet.Accept(datanet.Prepare(file, each.GetProperty("name").GetString() ?? file, parsed));
            }

            return new Sample(name, [.. datanet.Rows], File.ReadAllBytes(Path.Combine(folder, "held-out.jsonl")));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new UserErrorException($"{path} does not describe a sample: {exception.Message}", exception);
        }
    }

    /// <summary>The term of the fact that a row states.</summary>
    public static string Term(DatanetRow row) => row.Row.Field("term") ?? "";

    /// <summary>Questions about facts that exactly one contributor holds.</summary>
    public IReadOnlyList<DatanetRow> Questions()
    {
        var owners = Rows.GroupBy(Term, StringComparer.OrdinalIgnoreCase).ToDictionary(
            group => group.Key, group => group.Select(row => row.Contributor).Distinct().Count(), StringComparer.OrdinalIgnoreCase);
        return [.. Rows.Where(row => row.Row.Field("phrasing") == QuestionPhrasing && owners[Term(row)] == 1)];
    }

    /// <summary>The first facts of every contributor, about as many as asked for; all of them for 0.</summary>
    public Sample Reduced(int factCount)
    {
        if (factCount == 0)
        {
            return this;
        }

        var share = (factCount + Contributors.Count - 1) / Contributors.Count;
        var kept = Rows.GroupBy(row => row.Contributor).SelectMany(rows => rows.GroupBy(Term).Take(share).SelectMany(fact => fact));
        return this with { Rows = [.. kept] };
    }
}
