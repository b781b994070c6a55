using OpenLedger.Attribution;
using OpenLedger.Inference;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Cli.Demo;

/// <summary>
/// Two ways to name an owner without attributing anything, to compare with: drawing lots, and reading the question. The second shows
/// what the asked word alone gives away; no score that is paid uses it.
/// </summary>
sealed class DemoBaselines
{
    readonly Tokenizer _tokenizer;
    readonly SpanIndex _prompts;
    readonly int[] _owners;
    readonly int _ownerCount;
    readonly StableRandom _random;

    public DemoBaselines(DemoSamples samples, string modelFolder, long seed)
    {
        _tokenizer = Tokenizer.Load(Path.Combine(modelFolder, ModelFolder.TokenizerName));
        var rows = samples.Files.SelectMany((file, owner) => file.Rows.Select(row => (row.Prompt, owner))).ToList();
        _prompts = SpanIndex.Build([.. rows.Select(row => (IReadOnlyList<int>)_tokenizer.Encode(row.Prompt))]);
        _owners = [.. rows.Select(row => row.owner)];
        _ownerCount = samples.Files.Count;
        _random = StableRandom.For(unchecked((ulong)seed), "demo/baseline");
    }

    public int Random() => _random.Next(_ownerCount);

    /// <summary>The owner of the row whose prompt resembles the question most.</summary>
    public int PromptOverlap(string question)
    {
        var scores = _prompts.Scores(_tokenizer.Encode(question));
        return _owners[Array.IndexOf(scores, scores.Max())];
    }
}
