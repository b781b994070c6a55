using System.Text.Json;
using OpenLedger.Cli.Pretraining;
using OpenLedger.Inference;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Pretraining;

public sealed class PretrainTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_text_becomes_a_model_that_loads_with_a_record_of_how_it_was_made()
    {
        WriteText("story.txt", paragraphs: 40);
        var result = await CommandLine.Run(
            _folder.Path, "pretrain", "--text", "story.txt", "--out", "tiny", "--json", "--layers", "1", "--hidden", "16", "--heads", "2",
            "--kv-heads", "1", "--intermediate", "32", "--vocabulary", "300", "--epochs", "1", "--context", "32");

        result.ExitCode.Should().Be(0, result.Error);
        var model = ModelFolder.Load(_folder.At("tiny"));
        model.Config.LayerCount.Should().Be(1);
        model.Config.HiddenSize.Should().Be(16);
        model.Config.ContextLength.Should().Be(32);
        using var record = JsonDocument.Parse(result.Output);
        record.RootElement.GetProperty("heldOutTokens").GetInt64().Should().BePositive();
        record.RootElement.GetProperty("heldOutPerplexity").GetDouble().Should().BeGreaterThan(1);
        record.RootElement.GetProperty("unigramPerplexity").GetDouble().Should().BeGreaterThan(1);
        record.RootElement.GetProperty("command").GetString().Should().Contain("--text story.txt");
        File.Exists(_folder.At("tiny", PretrainRecord.FileName)).Should().BeTrue();
    }

    [Fact]
    public void A_run_that_was_stopped_resumes_and_ends_in_the_same_model()
    {
        WriteText("story.txt", paragraphs: 120);
        var whole = Settings("whole");
        new PretrainRun(whole, TextWriter.Null).Run(CancellationToken.None);
        var stopped = Settings("stopped");
        using var stopping = new CancellationTokenSource();
        using var firstLog = new StoppingLog("step     50 of", stopping);
        var interrupted = () => new PretrainRun(stopped, firstLog).Run(stopping.Token);
        interrupted.Should().Throw<OperationCanceledException>();
        using var log = new StringWriter();

        new PretrainRun(stopped, log).Run(CancellationToken.None);

        log.ToString().Should().Contain("resuming at step 50 of");
        ModelFolder.HashOf(stopped.OutputFolder).Should().Be(ModelFolder.HashOf(whole.OutputFolder));
    }

    [Fact]
    public async Task With_nothing_to_read_it_says_what_to_name()
    {
        var result = await CommandLine.Run(_folder.Path, "pretrain", "--out", "tiny", "--json");
        result.ExitCode.Should().Be(2);
        result.Error.Should().Contain("error: There is nothing to learn from").And.Contain("--text");
        Directory.Exists(_folder.At("tiny")).Should().BeFalse();
    }

    [Fact]
    public void A_missing_text_and_a_text_of_one_paragraph_are_refused()
    {
        var settings = Settings("none");
        var missing = () => PretrainCorpus.Read(settings);
        missing.Should().Throw<UserErrorException>().WithMessage("*story.txt*no such file*");
        WriteText("story.txt", paragraphs: 1);
        var single = () => PretrainCorpus.Read(settings);
        single.Should().Throw<UserErrorException>().WithMessage("*only one paragraph*");
    }

    [Fact]
    public void Some_text_is_held_out_and_no_epoch_holds_it()
    {
        WriteText("story.txt", paragraphs: 8);
        var corpus = PretrainCorpus.Read(Settings("held"));
        corpus.HeldOut.Should().NotBeEmpty();
        corpus.Texts(0).Should().NotBeEmpty().And.NotIntersectWith(corpus.HeldOut);
        (corpus.HeldOut.Count + corpus.Texts(0).Count()).Should().Be(8);
    }

    PretrainSettings Settings(string name) => new()
    {
        TextFiles = [_folder.At("story.txt")],
        OutputFolder = _folder.At(name),
        CheckpointPath = _folder.At(name + ".checkpoint"),
        VocabularySize = 300,
        HiddenSize = 16,
        IntermediateSize = 32,
        LayerCount = 1,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        ContextLength = 32,
        Epochs = 1,
        BatchTokens = 64,
    };

    void WriteText(string name, int paragraphs)
    {
        var random = new Random(7);
        var words = SampleWords.All.SelectMany(word => word.Meaning.Split(' ')).Distinct().ToArray();
        var texts = Enumerable.Range(1, paragraphs).Select(number =>
            $"Story {number}: " + string.Join(' ', Enumerable.Range(0, 12).Select(_ => words[random.Next(words.Length)])) + ".");
        File.WriteAllText(_folder.At(name), string.Join("\n\n", texts) + "\n");
    }

    /// <summary>A log that asks for a stop when a line says that the run has come so far.</summary>
    sealed class StoppingLog(string line, CancellationTokenSource stopping) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(line, StringComparison.Ordinal) == true)
            {
                stopping.Cancel();
            }
        }
    }
}
