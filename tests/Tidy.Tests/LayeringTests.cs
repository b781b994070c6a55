using System.Xml.Linq;

namespace Tidy.Tests;

/// <summary>References point one way (ARCHITECTURE.md, "Layers").</summary>
public sealed class LayeringTests
{
    static readonly Dictionary<string, string[]> allowed = new(StringComparer.Ordinal)
    {
        ["Primitives"] = [],
        ["Ledger"] = ["Primitives"],
        ["Economy"] = ["Primitives"],
        ["Datanets"] = ["Primitives"],
        ["Attribution"] = ["Primitives"],
        ["Inference"] = ["Primitives"],
        ["Training"] = ["Primitives", "Inference"],
        ["Storage"] = ["Primitives", "Ledger", "Economy", "Datanets", "Attribution", "Inference"],
        ["Grains.Abstractions"] = ["Primitives"],
        ["Grains"] = ["Grains.Abstractions", "Primitives", "Ledger", "Economy", "Datanets", "Attribution", "Inference", "Training"],
        ["Silo"] = ["Grains", "Storage"],
        ["Client"] = ["Grains.Abstractions"],
        ["Cli"] = ["Client", "Silo"],
    };

    [Fact]
    public void No_project_references_a_layer_above_it()
    {
        var offences = new List<string>();
        foreach (var project in SourceProjects.Where(file => !InPolyfills(file)))
        {
            var name = ProjectName(project);
            allowed.Should().ContainKey(name, "every project has a place among the layers");
            var upward = References(project).Where(reference => !allowed[name].Contains(reference));
            offences.AddRange(upward.Select(reference => $"{name} → {reference}"));
        }

        offences.Should().BeEmpty();
    }

    [Fact]
    public void Every_layer_named_here_exists()
    {
        var names = SourceProjects.Select(ProjectName).ToHashSet();
        allowed.Keys.Should().OnlyContain(name => names.Contains(name));
    }

    [Fact]
    public void Pure_cores_know_nothing_of_actors_servers_or_databases()
    {
        string[] cores = ["Primitives", "Ledger", "Economy", "Datanets", "Attribution", "Inference", "Training"];
        string[] foreign =
        [
            "using Orleans", "using Microsoft.AspNetCore", "using Microsoft.Data", "using Npgsql", "using System.Data",
            "TimeProvider.System",
        ];
        var offences = from file in Repository.CSharpFiles
                       where cores.Any(core => file.StartsWith($"src/{core}/", StringComparison.Ordinal))
                       let text = Repository.Read(file)
                       from word in foreign
                       where text.Contains(word, StringComparison.Ordinal)
                       select $"{file}: {word}";
        offences.Should().BeEmpty();
    }

    [Fact]
    public void Nothing_outside_the_polyfills_knows_which_engine_it_runs_on()
    {
        // Built from parts, so that this file does not offend itself.
        string[] words = ["UseOrleans" + "Packages", "Poly" + "fill", "#" + "if "];
        var offences = from file in Repository.CSharpFiles.Concat(Repository.ProjectFiles)
                       where !InPolyfills(file) && !file.StartsWith("tests/Tidy.Tests/", StringComparison.Ordinal)
                       let text = Repository.Read(file)
                       from word in words
                       where text.Contains(word, StringComparison.OrdinalIgnoreCase)
                       select $"{file}: {word}";
        offences.Should().BeEmpty();
    }

    [Fact]
    public void Polyfills_are_never_packed_and_stay_small()
    {
        // Lines of code: blank ones and comments explain, and are not held against it.
        var lines = Repository.CSharpFiles.Where(file => file.StartsWith("src/Polyfills/Orleans/", StringComparison.Ordinal))
            .SelectMany(Repository.ReadLines).Select(line => line.Trim())
            .Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
        lines.Should().BeInRange(1, 4_000);
        Repository.ProjectFiles.Where(InPolyfills).Should().OnlyContain(
            file => !Repository.Read(file).Contains("<IsPackable>true", StringComparison.OrdinalIgnoreCase));
    }

    static IEnumerable<string> SourceProjects =>
        Repository.ProjectFiles.Where(file => file.StartsWith("src/", StringComparison.Ordinal));

    static bool InPolyfills(string file) => file.StartsWith("src/Polyfills/", StringComparison.Ordinal);

    static string ProjectName(string file) => Path.GetFileNameWithoutExtension(file).Replace("OpenLedger.", "", StringComparison.Ordinal);

    static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(reference => ProjectName(reference.Attribute("Include")!.Value.Replace('\\', '/')));
}
