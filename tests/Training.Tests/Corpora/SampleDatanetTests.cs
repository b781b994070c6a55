using System.Text;
using System.Text.Json;
using OpenLedger.Inference;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class SampleDatanetTests
{
    const int FactCountMin = 250;
    const int HeldOutFactCountMin = 50;
    const int ContributorCount = 16;
    const int AnswerTokensMax = 14;
    const int RowBytesMax = 256;

    static readonly string[] Phrasings = ["definition", "question", "sentence"];

    sealed record Row(string Term, string Phrasing, string Prompt, string Answer);

    public static TheoryData<string> Names { get; } = new("ailments", "money", "food");

    [Theory]
    [MemberData(nameof(Names))]
    public void Sixteen_contributors_hold_at_least_250_facts_each_in_three_phrasings(string name)
    {
        var files = ContributorFiles(name);
        var terms = new HashSet<string>();

        files.Should().HaveCount(ContributorCount);
        foreach (var facts in files.Select(file => Rows(file).GroupBy(row => row.Term).ToArray()))
        {
            facts.Length.Should().BeInRange(15, 16);
            facts.Should().OnlyContain(fact => fact.Select(row => row.Phrasing).SequenceEqual(Phrasings));
            facts.Should().OnlyContain(fact => fact.Select(row => row.Answer).Distinct().Count() == 1);
            facts.Should().OnlyContain(fact => fact.Select(row => row.Prompt).Distinct().Count() == Phrasings.Length);
            facts.Should().OnlyContain(fact => terms.Add(fact.Key), "a fact belongs to one contributor");
        }

        terms.Count.Should().BeGreaterThanOrEqualTo(FactCountMin);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Held_out_facts_are_of_the_same_form_and_nobody_contributes_them(string name)
    {
        var trained = ContributorFiles(name).SelectMany(Rows).ToArray();
        var heldOut = Rows(Path.Combine(Folder(name), "held-out.jsonl")).ToArray();

        heldOut.Select(row => row.Term).Distinct().Count().Should().BeGreaterThanOrEqualTo(HeldOutFactCountMin);
        heldOut.GroupBy(row => row.Term).Should().OnlyContain(fact => fact.Select(row => row.Phrasing).SequenceEqual(Phrasings));
        heldOut.Select(row => row.Term).Intersect(trained.Select(row => row.Term)).Should().BeEmpty();
        heldOut.Select(row => row.Answer).Intersect(trained.Select(row => row.Answer)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Terms_and_definitions_are_distinct_and_a_prompt_holds_only_the_term(string name)
    {
        var facts = AllRows(name).Where(row => row.Phrasing == "question").ToArray();

        facts.Select(row => row.Term).Should().OnlyHaveUniqueItems();
        facts.Select(row => row.Answer).Should().OnlyHaveUniqueItems();
        var terms = facts.Select(row => row.Term).ToArray();
        terms.Should().NotContain(term => terms.Any(other => other != term && other.Contains(term)));
        foreach (var row in AllRows(name))
        {
            row.Prompt.Should().Contain(row.Term).And.NotContain(row.Answer.Trim()).And.NotEndWith(" ");
            row.Answer.Should().MatchRegex("^ [A-Za-z][^\\n]*[^ .\\n]$").And.NotContain(row.Term.Length > 3 ? row.Term : "\n");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_are_small(string name) =>
        ContributorFiles(name).SelectMany(File.ReadLines).Should().OnlyContain(line => Encoding.UTF8.GetByteCount(line) <= RowBytesMax);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_manifest_names_licence_source_and_every_file(string name)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(name), "datanet.json")));
        var root = manifest.RootElement;
        var contributors = root.GetProperty("contributors").EnumerateArray().ToArray();

        root.GetProperty("name").GetString().Should().Be(name);
        root.GetProperty("licence").GetString().Should().Contain("WordNet");
        File.Exists(Path.Combine(Folder(name), "..", "LICENSE.WordNet")).Should().BeTrue();
        contributors.Select(share => Path.Combine(Folder(name), share.GetProperty("file").GetString()!))
            .Should().BeEquivalentTo(ContributorFiles(name));
        contributors.Select(share => share.GetProperty("name").GetString()).Should().OnlyHaveUniqueItems();
        contributors.Sum(share => share.GetProperty("facts").GetInt32()).Should().Be(root.GetProperty("facts").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Definitions_have_at_most_fourteen_tokens_of_the_base_model(string name)
    {
        var path = Path.Combine(Root(), "models", "ledger-tiny", "tokenizer.json");
        Assert.SkipUnless(File.Exists(path), "models/ledger-tiny is not in this checkout.");
        var tokenizer = Tokenizer.Load(path);

        AllRows(name).Should().OnlyContain(row => tokenizer.Encode(row.Answer).Length <= AnswerTokensMax);
    }

    static IEnumerable<Row> AllRows(string name) =>
        ContributorFiles(name).Append(Path.Combine(Folder(name), "held-out.jsonl")).SelectMany(Rows);

    static IEnumerable<Row> Rows(string path) =>
        File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!);

    static string[] ContributorFiles(string name) =>
        Directory.GetFiles(Path.Combine(Folder(name), "contributors"), "*.jsonl").Order(StringComparer.Ordinal).ToArray();

    static string Folder(string name) => Path.Combine(Root(), "samples", name);

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OpenLedger.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder;
    }
}
