using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace OpenLedger.Inference;

/// <summary>
/// Takes the logits <c>[vocabulary]</c> that follow one position of the tokens given; the span is valid during the call only.
/// </summary>
public delegate void LogitsReader(int index, ReadOnlySpan<float> logits);

/// <summary>
/// A Llama-family decoder laid out for serving. Immutable, and shared by any number of sequences and threads; each sequence has
/// its own <see cref="KeyValueCache"/>. The weights are copied: training them further does not change the model served.
/// </summary>
public sealed class CausalModel
{
    /// <summary>Positions computed together; bounds the working memory, not the prompt.</summary>
    const int ChunkLength = 64;

    readonly ComputePool? _pool;
    readonly float[] _embedding;
    readonly Layer[] _layers;
    readonly float[] _finalNorm;
    readonly PackedMatrix _output;
    readonly double[] _inverseFrequencies;
    readonly ConcurrentBag<Workspace> _workspaces = [];

    /// <param name="weights">The weights; copied.</param>
    /// <param name="pool">Threads that share large products; null to compute on the caller's thread alone. Results are the same to the
    /// bit.</param>
    public CausalModel(ModelWeights weights, ComputePool? pool = null)
    {
        Config = weights.Config;
        _pool = pool;
        _embedding = [.. weights.Embedding];
        _layers = [.. weights.Layers.Select(layer => new Layer(Config, layer))];
        _finalNorm = [.. weights.FinalNorm];
        _output = new PackedMatrix(weights.Output, Config.VocabularySize, Config.HiddenSize);
        _inverseFrequencies =
            [.. Enumerable.Range(0, Config.HeadSize / 2).Select(index => Math.Pow(Config.RopeTheta, -2.0 * index / Config.HeadSize))];
    }

    public ModelConfig Config { get; }

    /// <summary>An empty cache for a new sequence.</summary>
    public KeyValueCache CreateCache() => new(Config);

    /// <summary>Appends tokens to a sequence and returns the logits <c>[vocabulary]</c> of what follows the last one.</summary>
    /// <param name="tokens">At least one token.</param>
    /// <param name="cache">The sequence so far.</param>
    /// <param name="adapter">The adapter to apply beside the base, the same for the whole sequence; null for the base alone.</param>
    /// <exception cref="ContextLengthException">The sequence would be longer than the context; it is unchanged.</exception>
    public float[] Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, PackedAdapter? adapter = null)
    {
        var logits = new float[Config.VocabularySize];
        Forward(tokens, cache, adapter, tokens.Length - 1, (_, values) => values.CopyTo(logits));
        return logits;
    }

    /// <summary>Appends tokens to a sequence and reads the logits after each token from index <paramref name="first"/> on.</summary>
    /// <inheritdoc cref="Forward(ReadOnlySpan{int}, KeyValueCache, PackedAdapter?)"/>
    public void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, PackedAdapter? adapter, int first, LogitsReader read)
    {
        Check(tokens, adapter);
        cache.Begin(tokens.Length, adapter);
        if (!_workspaces.TryTake(out var workspace))
        {
            workspace = new Workspace(Config, ChunkLength);
        }
        workspace.Fit(cache.Length + tokens.Length, adapter?.RankMax ?? 0);
        for (var begin = 0; begin < tokens.Length; begin += ChunkLength)
        {
            var chunk = tokens.Slice(begin, Math.Min(ChunkLength, tokens.Length - begin));
            Advance(chunk, cache, adapter, workspace);
            ReadLogits(begin, chunk.Length, first, workspace, read);
        }
        _workspaces.Add(workspace);
    }

    /// <summary>The natural logarithm of the probability of each answer token, given the prompt and the answer tokens before it.</summary>
    /// <exception cref="ContextLengthException">Prompt and answer do not fit the context.</exception>
    public double[] LogProbabilities(ReadOnlySpan<int> prompt, ReadOnlySpan<int> answer, PackedAdapter? adapter = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Length);
        if (answer.Length == 0)
        {
            return [];
        }
        var targets = answer.ToArray();
        var result = new double[targets.Length];
        // The last answer token is predicted, never read.
        int[] tokens = [.. prompt, .. answer[..^1]];
        var offset = prompt.Length - 1;
        Forward(tokens, CreateCache(), adapter, offset, (index, logits) =>
            result[index - offset] = LogSoftmax.At(logits, targets[index - offset]));
        return result;
    }

    /// <summary>The sum of <see cref="LogProbabilities"/>.</summary>
    /// <exception cref="ContextLengthException">Prompt and answer do not fit the context.</exception>
    public double ScoreLogProbability(ReadOnlySpan<int> prompt, ReadOnlySpan<int> answer, PackedAdapter? adapter = null) =>
        LogProbabilities(prompt, answer, adapter).Sum();

    void Check(ReadOnlySpan<int> tokens, PackedAdapter? adapter)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length, nameof(tokens));
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)Config.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"Token ids are 0…{Config.VocabularySize - 1}.");
            }
        }
        if (adapter is not null)
        {
            RequireShapeOf(adapter);
        }
    }

    internal void RequireShapeOf(PackedAdapter adapter)
    {
        var made = adapter.Config;
        if (made.LayerCount != Config.LayerCount
            || Projections.All.Any(projection =>
                Projections.InputSize(made, projection) != Projections.InputSize(Config, projection)
                || Projections.OutputSize(made, projection) != Projections.OutputSize(Config, projection)))
        {
            throw new ArgumentException("The adapter was made for a model of another shape.", nameof(adapter));
        }
    }

    void Advance(ReadOnlySpan<int> tokens, KeyValueCache cache, PackedAdapter? adapter, Workspace work)
    {
        var (count, hidden, half) = (tokens.Length, Config.HiddenSize, Config.HeadSize / 2);
        for (var index = 0; index < count; index++)
        {
            _embedding.AsSpan(tokens[index] * hidden, hidden).CopyTo(work.Stream.AsSpan(index * hidden));
            Attention.Angles(cache.Length + index, _inverseFrequencies, work.Angles.AsSpan(index * 2 * half, 2 * half));
        }
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var weights = _layers[layer];
            Normalize(work.Stream, weights.AttentionNorm, work.Normed, count);
            Attend(layer, count, cache, adapter, work);
            Project(layer, Projection.AttentionOutput, work.Attended, work.Delta, count, adapter, work);
            AddTo(work.Stream, work.Delta, count * hidden);

            Normalize(work.Stream, weights.FeedForwardNorm, work.Normed, count);
            FeedForward(layer, count, adapter, work);
            AddTo(work.Stream, work.Delta, count * hidden);
        }
        cache.Advance(count);
    }

    void Attend(int layer, int count, KeyValueCache cache, PackedAdapter? adapter, Workspace work)
    {
        Project(layer, Projection.Query, work.Normed, work.Queries, count, adapter, work);
        Project(layer, Projection.Key, work.Normed, work.Keys, count, adapter, work);
        Project(layer, Projection.Value, work.Normed, work.Values, count, adapter, work);
        for (var index = 0; index < count; index++)
        {
            var angles = work.Angles.AsSpan(index * Config.HeadSize, Config.HeadSize);
            var keys = work.Keys.AsSpan(index * Config.KeyValueSize, Config.KeyValueSize);
            Attention.Rotate(work.Queries.AsSpan(index * Config.QuerySize, Config.QuerySize), Config.HeadSize, angles);
            Attention.Rotate(keys, Config.HeadSize, angles);
            cache.Store(layer, cache.Length + index, keys, work.Values.AsSpan(index * Config.KeyValueSize, Config.KeyValueSize));
        }
        for (var index = 0; index < count; index++)
        {
            var queries = work.Queries.AsSpan(index * Config.QuerySize, Config.QuerySize);
            var attended = work.Attended.AsSpan(index * Config.QuerySize, Config.QuerySize);
            Attention.Attend(Config, cache, layer, cache.Length + index, queries, attended, work.Scores);
        }
    }

    /// <summary>SwiGLU (Shazeer, 2020): down(silu(gate) · up), row by row so that a row never depends on its neighbours.</summary>
    void FeedForward(int layer, int count, PackedAdapter? adapter, Workspace work)
    {
        Project(layer, Projection.Gate, work.Normed, work.Gate, count, adapter, work);
        Project(layer, Projection.Up, work.Normed, work.Up, count, adapter, work);
        for (var index = 0; index < count; index++)
        {
            var gate = work.Gate.AsSpan(index * Config.IntermediateSize, Config.IntermediateSize);
            var up = work.Up.AsSpan(index * Config.IntermediateSize, Config.IntermediateSize);
            TensorPrimitives.Multiply(gate, up, up);
            TensorPrimitives.Sigmoid(gate, gate);
            TensorPrimitives.Multiply(gate, up, gate);
        }
        Project(layer, Projection.Down, work.Gate, work.Delta, count, adapter, work);
    }

    /// <summary>y = W·x + B·(scale · A·x).</summary>
    void Project(int layer, Projection projection, float[] x, float[] y, int count, PackedAdapter? adapter, Workspace work)
    {
        _layers[layer][projection].Apply(x, y, count, accumulate: false, _pool);
        if (adapter?[layer, projection] is { } lora)
        {
            lora.A.Apply(x, work.Shrunk, count, accumulate: false, _pool);
            var shrunk = work.Shrunk.AsSpan(0, count * lora.A.Outputs);
            TensorPrimitives.Multiply(shrunk, lora.Scale, shrunk);
            lora.B.Apply(shrunk, y, count, accumulate: true, _pool);
        }
    }

    void ReadLogits(int begin, int count, int first, Workspace work, LogitsReader read)
    {
        var skipped = Math.Clamp(first - begin, 0, count);
        var rows = count - skipped;
        if (rows == 0)
        {
            return;
        }
        var stream = work.Stream.AsSpan(skipped * Config.HiddenSize, rows * Config.HiddenSize);
        Normalize(stream, _finalNorm, work.Normed, rows);
        // Eight rows at a time: a whole chunk of logits would be the largest buffer of all.
        for (var row = 0; row < rows; row += Workspace.LogitRows)
        {
            var together = Math.Min(Workspace.LogitRows, rows - row);
            _output.Apply(work.Normed.AsSpan(row * Config.HiddenSize), work.Logits, together, accumulate: false, _pool);
            for (var index = 0; index < together; index++)
            {
                read(begin + skipped + row + index, work.Logits.AsSpan(index * Config.VocabularySize, Config.VocabularySize));
            }
        }
    }

    /// <summary>RMSNorm (Zhang and Sennrich, 2019).</summary>
    void Normalize(ReadOnlySpan<float> x, float[] weight, float[] y, int count)
    {
        for (var index = 0; index < count; index++)
        {
            var row = x.Slice(index * weight.Length, weight.Length);
            var target = y.AsSpan(index * weight.Length, weight.Length);
            TensorPrimitives.Multiply(row, 1 / MathF.Sqrt((Reduction.SumOfSquares(row) / weight.Length) + Config.NormEpsilon), target);
            TensorPrimitives.Multiply(target, weight, target);
        }
    }

    static void AddTo(float[] stream, float[] delta, int length) =>
        TensorPrimitives.Add(stream.AsSpan(0, length), delta.AsSpan(0, length), stream.AsSpan(0, length));

    sealed class Layer(ModelConfig config, LayerWeights weights)
    {
        readonly PackedMatrix[] _projections =
        [
            .. Projections.All.Select(projection =>
                new PackedMatrix(
                    weights[projection], Projections.OutputSize(config, projection), Projections.InputSize(config, projection))),
        ];

        public float[] AttentionNorm { get; } = [.. weights.AttentionNorm];

        public float[] FeedForwardNorm { get; } = [.. weights.FeedForwardNorm];

        public PackedMatrix this[Projection projection] => _projections[(int)projection];
    }
}
