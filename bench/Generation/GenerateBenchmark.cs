using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Bench.Samples;
using OpenLedger.Grains.Hosting;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Bench.Generation;

/// <summary>Batch 1 on one thread, as the silo serves: decoding, reading a prompt, and the time to the first token.</summary>
sealed class GenerateBenchmark
{
    const int PromptTokenCount = 128;
    const int AnswerTokenCount = 96;
    const int AdapterRank = 32;
    const int WarmUpCount = 12;
    const int RunCount = 25;

    readonly ModelFolder _model;
    readonly Sample _sample;
    readonly LoraAdapter _adapter;

    public GenerateBenchmark(ModelFolder model, Sample sample, long seed)
    {
        _model = model;
        _sample = sample;
        var options = new LoraTrainingOptions { Rank = AdapterRank, Alpha = 2 * AdapterRank, Seed = unchecked((ulong)seed) };
        _adapter = LoraTrainer.Initialise(model.Config, options);
    }

    public async Task<BenchReport> Run(CancellationToken cancellationToken)
    {
        ProgressLine.Write("matrix products");
        var figures = new List<Figure>(ProductBenchmark.Run());
        cancellationToken.ThrowIfCancellationRequested();
        var generator = new Generator(new CausalModel(_model.Weights), _model.Tokenizer);
        var packed = new PackedAdapter(_adapter);
        foreach (var (name, adapter) in new (string, PackedAdapter?)[] { ("base", null), ("adapter", packed) })
        {
            ProgressLine.Write($"decoding and prompts, {name}");
            figures.AddRange(Decode(generator, name, adapter));
            figures.AddRange(Prefill(generator.Model, name, adapter));
            cancellationToken.ThrowIfCancellationRequested();
        }

        ProgressLine.Write("time to the first token");
        figures.AddRange(await FirstToken(cancellationToken));
        return new BenchReport("generate", figures, []);
    }

    /// <summary>Whole greedy answers after a question, the question's reading included: what a caller waits for.</summary>
    IEnumerable<Figure> Decode(Generator generator, string name, PackedAdapter? adapter)
    {
        var prompt = Question();
        var options = new GenerationOptions { TokenCountMax = AnswerTokenCount, EndTokenIds = [] };
        var rates = Repetition.Rate(WarmUpCount, RunCount, AnswerTokenCount, () => generator.Complete(prompt, options, adapter));
        yield return new Figure($"decode/{name}/median", rates.Median, "tokens/s");
        yield return new Figure($"decode/{name}/best", rates.Best, "tokens/s");
    }

    IEnumerable<Figure> Prefill(CausalModel model, string name, PackedAdapter? adapter)
    {
        var prompt = LongPrompt();
        var rates = Repetition.Rate(WarmUpCount, RunCount, prompt.Length, () => model.Forward(prompt, model.CreateCache(), adapter));
        yield return new Figure($"prompt/{name}/median", rates.Median, "tokens/s");
        yield return new Figure($"prompt/{name}/best", rates.Best, "tokens/s");
    }

    /// <summary>From the request to its first piece, through the engine's queue and thread.</summary>
    async Task<IEnumerable<Figure>> FirstToken(CancellationToken cancellationToken)
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(_model);
        using var adapter = engine.AddAdapter(model, _adapter);
        var milliseconds = new List<double>();
        for (var run = 0; run < WarmUpCount + RunCount; run++)
        {
            var request = new GenerationRequest
            {
                Model = model,
                Adapter = adapter,
                Prompt = LongPrompt(),
                Options = new GenerationOptions { TokenCountMax = 1 },
            };
            var started = Stopwatch.GetTimestamp();
            await foreach (var _ in engine.Generate(request, cancellationToken).WithCancellation(cancellationToken))
            {
                if (run >= WarmUpCount)
                {
                    milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }

                break;
            }
        }

        return
        [
            new Figure("firstToken/adapter/median", Repetition.Median(milliseconds), "ms"),
            new Figure("firstToken/adapter/best", milliseconds.Min(), "ms"),
        ];
    }

    int[] Question() => RowTokens.Prompt(_model, _sample.Questions()[0].Row.Prompt);

    /// <summary>The begin token and as many rows as fill a prompt.</summary>
    int[] LongPrompt()
    {
        var text = string.Join('\n', _sample.Rows.Take(PromptTokenCount).Select(row => row.Row.Prompt + row.Row.Answer));
        return RowTokens.Prompt(_model, text)[..PromptTokenCount];
    }
}
