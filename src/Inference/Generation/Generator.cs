namespace OpenLedger.Inference;

/// <summary>Generates one answer at a time from a model, token by token.</summary>
public sealed class Generator(CausalModel model, Tokenizer tokenizer)
{
    /// <summary>Tokens of a prompt computed between two looks at the cancellation.</summary>
    const int PromptStep = 256;

    public CausalModel Model { get; } = model;

    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>Continues a prompt. The request is checked at the call, tokens are computed as they are asked for.</summary>
    /// <param name="prompt">At least one token, the begin token included where the model wants one.</param>
    /// <param name="adapter">The adapter to apply beside the base, or null for the base alone.</param>
    /// <returns>Pieces; the last one, and only it, says why the answer ended.</returns>
    /// <exception cref="GenerationOptionsException">An option is out of range, or the prompt is empty.</exception>
    /// <exception cref="ContextLengthException">The prompt leaves no room for an answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two tokens.</exception>
    public IEnumerable<GeneratedPiece> Generate(
        IReadOnlyList<int> prompt, GenerationOptions options, PackedAdapter? adapter = null, CancellationToken cancellation = default)
    {
        Check(prompt, options);
        return Pieces([.. prompt], options, adapter, cancellation);
    }

    /// <summary>Generates a whole answer.</summary>
    /// <inheritdoc cref="Generate"/>
    public GeneratedAnswer Complete(
        IReadOnlyList<int> prompt, GenerationOptions options, PackedAdapter? adapter = null, CancellationToken cancellation = default) =>
        GeneratedAnswer.From(Generate(prompt, options, adapter, cancellation));

    /// <summary>Throws where a request cannot be served.</summary>
    internal void Check(IReadOnlyList<int> prompt, GenerationOptions options)
    {
        options.Check();
        if (prompt.Count == 0)
        {
            throw new GenerationOptionsException("Prompt", "holds no token.");
        }
        foreach (var token in prompt)
        {
            if ((uint)token >= (uint)Model.Config.VocabularySize)
            {
                throw new GenerationOptionsException(
                    "Prompt", $"token {token} is outside the vocabulary of {Model.Config.VocabularySize}.");
            }
        }
        if (prompt.Count >= Model.Config.ContextLength)
        {
            throw new ContextLengthException(prompt.Count + 1, Model.Config.ContextLength);
        }
    }

    IEnumerable<GeneratedPiece> Pieces(int[] prompt, GenerationOptions options, PackedAdapter? adapter, CancellationToken cancellation)
    {
        var cache = Model.CreateCache();
        var sampler = new Sampler(options.Sampling);
        var decoder = new StreamingDecoder(Tokenizer);
        var scanner = new StopScanner(options.Stops);
        var endTokens = options.EndTokenIds ?? Model.Config.EndTokenIds;
        var logits = Read(prompt, cache, adapter, cancellation);
        for (var count = 1; ; count++)
        {
            var token = sampler.Next(logits);
            var logProbability = LogSoftmax.At(logits, token);
            var finish = FinishReason.None;
            var text = "";
            if (endTokens.Contains(token))
            {
                finish = FinishReason.EndToken;
            }
            else
            {
                text = scanner.Append(decoder.Append(token));
                finish = scanner.Stopped ? FinishReason.Stop
                    : count == options.TokenCountMax ? FinishReason.TokenCount
                    : cache.Length == Model.Config.ContextLength ? FinishReason.Context
                    : FinishReason.None;
            }
            if (finish is not (FinishReason.None or FinishReason.Stop))
            {
                text += Finish(decoder, scanner, ref finish);
            }
            yield return new GeneratedPiece(token, text, logProbability, finish);
            if (finish != FinishReason.None)
            {
                yield break;
            }
            cancellation.ThrowIfCancellationRequested();
            logits = Model.Forward([token], cache, adapter);
        }
    }

    /// <summary>The open character and the text held back; a stop string may come about even here.</summary>
    static string Finish(StreamingDecoder decoder, StopScanner scanner, ref FinishReason finish)
    {
        var text = scanner.Append(decoder.Finish());
        if (scanner.Stopped)
        {
            finish = FinishReason.Stop;
            return text;
        }
        return text + scanner.Finish();
    }

    float[] Read(int[] prompt, KeyValueCache cache, PackedAdapter? adapter, CancellationToken cancellation)
    {
        float[] logits = [];
        for (var begin = 0; begin < prompt.Length; begin += PromptStep)
        {
            cancellation.ThrowIfCancellationRequested();
            logits = Model.Forward(prompt.AsSpan(begin, Math.Min(PromptStep, prompt.Length - begin)), cache, adapter);
        }
        return logits;
    }
}

/// <summary>A whole answer.</summary>
/// <param name="TokenIds">Every generated token but the end token.</param>
/// <param name="Text">The text, without the stop string.</param>
/// <param name="LogProbability">Sum of the natural logarithms of the probabilities of all generated tokens, the end token included.</param>
/// <param name="Finish">Why it ended.</param>
public sealed record GeneratedAnswer(IReadOnlyList<int> TokenIds, string Text, double LogProbability, FinishReason Finish)
{
    /// <summary>Gathers the pieces of one answer.</summary>
    public static GeneratedAnswer From(IEnumerable<GeneratedPiece> pieces)
    {
        var list = pieces.ToList();
        var finish = list.Count == 0 ? FinishReason.None : list[^1].Finish;
        var answered = finish == FinishReason.EndToken ? list[..^1] : list;
        return new GeneratedAnswer(
            [.. answered.Select(piece => piece.TokenId)],
            string.Concat(list.Select(piece => piece.Text)),
            list.Sum(piece => piece.LogProbability),
            finish);
    }
}
