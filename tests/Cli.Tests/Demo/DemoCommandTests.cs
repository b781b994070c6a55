using System.Text.Json;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Demo;

public sealed class DemoCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TemporaryFolder _shipped = new();

    public void Dispose()
    {
        _folder.Dispose();
        _shipped.Dispose();
    }

    [Fact]
    public async Task The_demo_plays_the_loop_and_reports_all_of_it()
    {
        var data = _folder.At("data");
        var result = await Demo("--json", "--data", data, "--epochs", "30");

        result.ExitCode.Should().Be(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        var report = json.RootElement;
        report.GetProperty("seconds").GetDouble().Should().BePositive();
        report.GetProperty("engine").GetString().Should().NotBeEmpty();
        report.GetProperty("questions").GetInt32().Should().Be(6);
        foreach (var name in new[] { "conserved", "receiptValid", "restartIdentical" })
        {
            report.GetProperty(name).GetBoolean().Should().BeTrue(name);
        }

        report.GetProperty("tamperedReceiptValid").GetBoolean().Should().BeFalse();
        var signatures = report.GetProperty("signatures");
        signatures.GetProperty("signedRequests").GetInt64().Should().BeGreaterThanOrEqualTo(20, "whoever asks for something signs it");
        signatures.GetProperty("forgedRefused").GetBoolean().Should().BeTrue();
        signatures.GetProperty("forgedReason").GetString().Should().StartWith("Not authorised: the signature is not that of acct_");
        CheckTraining(report.GetProperty("training"));
        CheckShares(report);
        CheckSplit(report);
        CheckStaking(report.GetProperty("staking"));
        CheckGovernance(report.GetProperty("governance"));
        var receipt = report.GetProperty("receipt").GetString()!;
        var verified = await CommandLine.Run(_folder.Path, "verify", receipt);
        verified.ExitCode.Should().Be(0);
        verified.Output.Should().StartWith("VALID");
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_refused_and_left_as_it_was()
    {
        await File.WriteAllTextAsync(_folder.At("letter.txt"), "Dear Sir");
        (await Demo("--data", _folder.Path)).ShouldBeRefused("*fresh data folder*holds something already*--data*");
        (await File.ReadAllTextAsync(_folder.At("letter.txt"))).Should().Be("Dear Sir");
        Directory.EnumerateFiles(_folder.Path).Should().ContainSingle();
    }

    [Fact]
    public async Task A_missing_model_is_refused_and_no_data_folder_is_left()
    {
        var sample = SampleFolder.Write(_shipped.Path);
        var result = await CommandLine.Run(
            _folder.Path, "demo", "--json", "--questions", "6", "--sample", sample, "--model", "nowhere", "--data", "new");
        result.ShouldBeRefused("*no model folder 'nowhere'*--model*");
        Directory.Exists(_folder.At("new")).Should().BeFalse();
    }

    [Fact]
    public async Task A_malformed_row_is_refused_with_line_and_column_before_anything_starts()
    {
        var sample = SampleFolder.Write(_shipped.Path);
        var path = Path.Combine(sample, SampleFolder.PathOf("Anna"));
        var lines = await File.ReadAllLinesAsync(path);
        lines[2] = lines[2].Replace(",\"answer\"", " \"answer\"", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(path, lines);
        var column = lines[2].IndexOf(" \"answer\"", StringComparison.Ordinal) + 2;

        var result = await Demo("--data", _folder.At("data"));

        result.ShouldBeRefused($"*anna.jsonl, line 3, column {column}*");
        Directory.Exists(_folder.At("data")).Should().BeFalse();
    }

    [Fact]
    public async Task More_questions_than_facts_are_refused() =>
        (await CommandLine.Run(
            _folder.Path, "demo", "--sample", SampleFolder.Write(_shipped.Path), "--model", _shipped.Path, "--questions", "19"))
            .ShouldBeRefused("*18 facts*19 questions*");

    static void CheckTraining(JsonElement training)
    {
        foreach (var name in new[]
            {
                "lossFirst", "lossLast", "perplexityRowsBase", "perplexityRowsAdapter", "perplexityHeldOutBase", "perplexityHeldOutAdapter",
            })
        {
            training.GetProperty(name).GetDouble().Should().BePositive(name);
        }

        training.GetProperty("perplexityRowsAdapter").GetDouble()
            .Should().BeLessThan(training.GetProperty("perplexityRowsBase").GetDouble());
    }

    static void CheckShares(JsonElement report)
    {
        report.GetProperty("exactAnswers").GetDouble().Should().BeInRange(0, 1);
        foreach (var name in new[] { "influence", "span", "combined", "random", "promptOverlap" })
        {
            report.GetProperty("ownerFirst").GetProperty(name).GetDouble().Should().BeInRange(0, 1, name);
        }
    }

    static void CheckSplit(JsonElement report)
    {
        var amounts = new List<Amount>();
        foreach (var line in report.GetProperty("split").EnumerateArray())
        {
            line.GetProperty("account").GetString().Should().NotBeEmpty();
            line.GetProperty("role").GetString().Should().BeOneOf("platform", "owner", "stakers", "reserve", "contributor");
            var amount = line.GetProperty("amount").GetString()!;
            amount.Split('.')[1].Should().HaveLength(18);
            amounts.Add(Amount.Parse(amount));
        }

        Amount.Sum(amounts).Should().Be(Amount.Parse(report.GetProperty("fee").GetString()!));
    }

    static void CheckGovernance(JsonElement governance)
    {
        governance.GetProperty("state").GetString().Should().Be("executed");
        governance.GetProperty("feeSplitBefore").GetString().Should().Be("1000/2000/2000/5000");
        governance.GetProperty("feeSplitAfter").GetString().Should().Be("500/2000/2000/5500");
        governance.GetProperty("answerFollows").GetBoolean().Should().BeTrue("the next answer is paid by the split that was voted for");
    }

    static void CheckStaking(JsonElement staking)
    {
        staking.GetProperty("exact").GetBoolean().Should().BeTrue();
        var accrued = Of("accrued");
        accrued.Should().BeGreaterThan(Amount.Zero).And.Be(Of("paid") + Of("carriedOver"));
        Of("rewards").Should().BeGreaterThan(Amount.Zero).And.Be(Of("claimed"));

        Amount Of(string name) => Amount.Parse(staking.GetProperty(name).GetString()!);
    }

    Task<CommandResult> Demo(params string[] arguments)
    {
        var sample = Directory.Exists(_shipped.At("words")) ? _shipped.At("words") : SampleFolder.Write(_shipped.Path);
        return CommandLine.Run(
            _folder.Path, ["demo", "--sample", sample, "--model", TinyModel.Write(_shipped.Path), "--questions", "6", .. arguments]);
    }
}
