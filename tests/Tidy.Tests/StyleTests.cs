using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy.Tests;

/// <summary>The size and ban rules of CONTRIBUTING.md.</summary>
public sealed partial class StyleTests
{
    const int FileLinesMax = 600;
    const int FunctionLinesMax = 70;
    const int LineCharactersMax = 140;

    [Fact]
    public void Files_have_at_most_600_lines() =>
        Repository.CSharpFiles.Select(file => (file, lines: Repository.ReadLines(file).Length))
            .Where(each => each.lines > FileLinesMax).Should().BeEmpty();

    [Fact]
    public void Functions_have_at_most_70_lines()
    {
        var offences = from file in Repository.CSharpFiles
                       let root = CSharpSyntaxTree.ParseText(Repository.Read(file)).GetRoot()
                       from node in root.DescendantNodes()
                       where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
                           or AccessorDeclarationSyntax or AnonymousFunctionExpressionSyntax
                       let span = node.GetLocation().GetLineSpan()
                       let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
                       where lines > FunctionLinesMax
                       select $"{file}:{span.StartLinePosition.Line + 1} has {lines} lines";
        offences.Should().BeEmpty();
    }

    [Fact]
    public void Lines_have_at_most_140_columns() =>
        Offences((_, line) => line.Length > LineCharactersMax).Should().BeEmpty();

    [Fact]
    public void No_line_ends_in_white_space() => Offences((_, line) => line.Length > 0 && char.IsWhiteSpace(line[^1])).Should().BeEmpty();

    [Fact]
    public void Nothing_is_left_for_later() => Offences((_, line) => Unfinished().IsMatch(line)).Should().BeEmpty();

    [Fact]
    public void No_test_is_skipped_without_a_printed_reason() => Offences((_, line) => SilentSkip().IsMatch(line)).Should().BeEmpty();

    [Fact]
    public void Namespaces_are_file_scoped_and_members_are_not_qualified() =>
        Offences((_, line) => BlockNamespace().IsMatch(line) || line.Contains("#region", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void A_suppressed_warning_says_why() =>
        Offences((_, line) => Pragma().IsMatch(line) && !line.Contains("//", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void Grains_never_leave_their_scheduler() =>
        Offences(
            (file, line) => file.StartsWith("src/Grains/", StringComparison.Ordinal)
                && (line.Contains("ConfigureAwait(false)", StringComparison.Ordinal)
                    || line.Contains("Task.Run(", StringComparison.Ordinal)))
            .Should().BeEmpty();

    [Fact]
    public void No_source_names_a_machine_path_or_a_registry_host()
    {
        var offences = from file in Repository.Files
                       where Textual().IsMatch(file) && !file.StartsWith("tests/Tidy.Tests/", StringComparison.Ordinal)
                       from match in MachineName().Matches(Repository.Read(file)).Cast<Match>()
                       select $"{file}: {match.Value}";
        offences.Should().BeEmpty();
    }

    [Fact]
    public void Text_files_are_utf8_without_mark_and_end_lines_with_lf()
    {
        var offences = from file in Repository.Files
                       where Textual().IsMatch(file) && !file.EndsWith(".sln", StringComparison.Ordinal)
                       let bytes = File.ReadAllBytes(Path.Combine(Repository.Root, file))
                       where bytes is [0xEF, 0xBB, 0xBF, ..] || bytes.AsSpan().Contains((byte)'\r')
                       select file;
        offences.Should().BeEmpty();
    }

    [Fact]
    public void Every_source_file_belongs_to_a_project()
    {
        var folders = Repository.ProjectFiles.Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/') + "/").ToList();
        Repository.CSharpFiles.Where(file => !folders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal))).Should().BeEmpty();
    }

    [Fact]
    public void A_test_class_is_found_in_a_file_of_its_name()
    {
        var classes = from file in Repository.CSharpFiles
                      where file.StartsWith("tests/", StringComparison.Ordinal)
                      from node in CSharpSyntaxTree.ParseText(Repository.Read(file)).GetRoot().DescendantNodes()
                      let declaration = node as ClassDeclarationSyntax
                      where declaration is not null && declaration.Identifier.Text.EndsWith("Tests", StringComparison.Ordinal)
                      select (file, name: declaration.Identifier.Text);
        var found = classes.ToList();
        found.Should().NotBeEmpty();
        found.Where(each => Path.GetFileName(each.file).Split('.')[0] != each.name).Should().BeEmpty();
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var offences = from file in Repository.Files
                       where file.EndsWith(".md", StringComparison.Ordinal)
                       from match in Link().Matches(Repository.Read(file)).Cast<Match>()
                       let target = match.Groups[1].Value.Split('#')[0]
                       where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                       where !target.StartsWith("mailto:", StringComparison.Ordinal)
                       let path = Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target)
                       where !File.Exists(path) && !Directory.Exists(path)
                       select $"{file} → {target}";
        offences.Should().BeEmpty();
    }

    static List<string> Offences(Func<string, string, bool> offends) =>
        [.. from file in Repository.CSharpFiles
            where !file.StartsWith("tests/Tidy.Tests/", StringComparison.Ordinal)
            from numbered in Repository.ReadLines(file).Select((line, index) => (line, number: index + 1))
            where offends(file, numbered.line)
            select $"{file}:{numbered.number}"];

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"Skip\s*=\s*""""|Skip\s*=\s*null")]
    private static partial Regex SilentSkip();

    [GeneratedRegex(@"^namespace [\w.]+\s*$|^namespace [\w.]+\s*\{")]
    private static partial Regex BlockNamespace();

    [GeneratedRegex(@"#pragma warning disable")]
    private static partial Regex Pragma();

    [GeneratedRegex(@"\.(cs|csproj|props|targets|md|json|sh|txt|jsonl|globalconfig|editorconfig|proto)$|^\.ci/run$")]
    private static partial Regex Textual();

    [GeneratedRegex(@"/work/\w+|/root/|/home/\w+|nuget\.org|npmjs\.org|deb\.debian\.org", RegexOptions.IgnoreCase)]
    private static partial Regex MachineName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
