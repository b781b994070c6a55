using System.Collections.Concurrent;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>One of the two factors of an adapted matrix.</summary>
public enum LoraFactor
{
    A,
    B,
}

/// <summary>Which gradients are wanted.</summary>
public sealed record GradientSelection
{
    /// <summary>The lowest layer, counted from 0; layers − 1 for the last block alone. Default 0: all layers.</summary>
    public int LowestLayer { get; init; }

    /// <summary>Whether the factor A takes part. Default true.</summary>
    public bool FactorA { get; init; } = true;

    /// <summary>Whether the factor B takes part. Default true.</summary>
    public bool FactorB { get; init; } = true;
}

/// <summary>Where one factor's gradient lies in a row's gradient: <c>[rank, in]</c> for A, <c>[out, rank]</c> for B, row-major.</summary>
/// <param name="Offset">Numbers before it in the row's gradient.</param>
public readonly record struct GradientPart(int Layer, Projection Projection, LoraFactor Factor, int Offset, int Length);

/// <summary>
/// Gradients of each row's answer loss (the sum over its answer tokens, in nats) with respect to an adapter's factors, row by row from
/// one backward pass over many rows.
/// </summary>
public sealed class AnswerGradients
{
    /// <summary>Tokens that are computed together on one thread.</summary>
    const int PartTokens = 512;

    readonly ModelWeights _weights;
    readonly LoraAdapter _adapter;
    readonly GradientSelection _selection;
    readonly ComputePool? _pool;
    readonly Dictionary<(int Layer, Projection Projection), (int A, int B)> _offsets = [];

    /// <param name="pool">Null to compute on the calling thread.</param>
    /// <exception cref="TrainingException">The selection names no gradient, or a layer that the model lacks.</exception>
    public AnswerGradients(ModelWeights weights, LoraAdapter adapter, GradientSelection selection, ComputePool? pool = null)
    {
        ModelShape.Validate(weights.Config);
        OptionCheck.InRange(selection.LowestLayer, 0, weights.Config.LayerCount - 1, nameof(selection.LowestLayer));
        _weights = weights;
        _adapter = adapter;
        _selection = selection;
        _pool = pool;
        var parts = new List<GradientPart>();
        foreach (var (layer, projection, matrix) in adapter.Matrices().Where(place => place.Layer >= selection.LowestLayer))
        {
            var a = selection.FactorA ? Append(parts, layer, projection, LoraFactor.A, matrix.A.Length) : -1;
            var b = selection.FactorB ? Append(parts, layer, projection, LoraFactor.B, matrix.B.Length) : -1;
            _offsets[(layer, projection)] = (a, b);
        }

        if (parts.Count == 0)
        {
            throw new TrainingException("The selection leaves no factor of the adapter; choose a lower layer, or factor A or B.");
        }

        Parts = parts;
    }

    /// <summary>The parts of a row's gradient, one behind the other.</summary>
    public IReadOnlyList<GradientPart> Parts { get; }

    /// <summary>Numbers of one row's gradient.</summary>
    public int RowLength => Parts[^1].Offset + Parts[^1].Length;

    /// <summary>Writes the rows' gradients, <c>[rows, RowLength]</c>, whatever their weights, and returns their answer losses.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="TrainingException">A row is wrong for the model.</exception>
    public TokenLoss[] Compute(IReadOnlyList<TrainingExample> rows, Memory<float> destination)
    {
        TrainingExample.Validate(_weights.Config, rows);
        if (destination.Length < (long)rows.Count * RowLength)
        {
            throw new ArgumentException(
                $"{rows.Count} rows need {(long)rows.Count * RowLength} numbers; there are {destination.Length}.", nameof(destination));
        }

        var losses = new TokenLoss[rows.Count];
        var parts = RowParts.Split([.. rows.Select(row => row.Tokens.Length)], PartTokens);
        var tokensMax = parts.Count == 0 ? 0 : parts.Max(part => part.Tokens);
        var passes = new ConcurrentBag<DecoderPass>();
        RowParts.Run(_pool, parts.Count, item =>
        {
            if (!passes.TryTake(out var pass))
            {
                pass = new DecoderPass(_weights.Config, tokensMax);
            }

            ComputePart(pass, parts[item], rows, destination, losses);
            passes.Add(pass);
        });
        return losses;
    }

    static int Append(List<GradientPart> parts, int layer, Projection projection, LoraFactor factor, int length)
    {
        var offset = parts.Count == 0 ? 0 : parts[^1].Offset + parts[^1].Length;
        parts.Add(new GradientPart(layer, projection, factor, offset, length));
        return offset;
    }

    void ComputePart(
        DecoderPass pass, RowPart part, IReadOnlyList<TrainingExample> rows, Memory<float> destination, TokenLoss[] losses)
    {
        destination.Span.Slice(part.Start * RowLength, (part.End - part.Start) * RowLength).Clear();
        var batch = new TokenBatch();
        var rowOfSequence = new List<int>();
        for (var row = part.Start; row < part.End; row++)
        {
            if (rows[row].AnswerTokenCount > 0)
            {
                batch.Add(rows[row].Tokens, rows[row].AnswerStart, 1);
                rowOfSequence.Add(row);
            }
        }

        var tokenLosses = new float[batch.Counted.Count];
        pass.Forward(_weights, _adapter, batch);
        pass.Backward(
            _weights, _adapter, batch, 1, null, new RowSink(this, batch, rowOfSequence, destination), _selection.LowestLayer, tokenLosses);
        for (var sequence = 0; sequence < rowOfSequence.Count; sequence++)
        {
            var span = batch.Sequences[sequence];
            var total = 0.0;
            foreach (var loss in tokenLosses.AsSpan(span.CountedStart, span.CountedCount))
            {
                total += loss;
            }

            losses[rowOfSequence[sequence]] = new TokenLoss(total, span.CountedCount);
        }
    }

    /// <summary>Forms each sequence's own products from its rows of the saved activations.</summary>
    sealed class RowSink(AnswerGradients owner, TokenBatch batch, List<int> rowOfSequence, Memory<float> destination) : ILoraGradientSink
    {
        public void Accept(int layer, Projection projection, LoraMatrix matrix, LoraFlow flow)
        {
            if (!owner._offsets.TryGetValue((layer, projection), out var offsets))
            {
                return;
            }

            for (var sequence = 0; sequence < rowOfSequence.Count; sequence++)
            {
                var span = batch.Sequences[sequence];
                var row = destination.Span.Slice(rowOfSequence[sequence] * owner.RowLength, owner.RowLength);
                if (offsets.A >= 0)
                {
                    var a = new MatrixView(row.Slice(offsets.A, matrix.A.Length), matrix.Rank, matrix.InputSize);
                    MatrixProduct.TransposedTimes(null, Rows(flow.LowGradient, span), Rows(flow.Input, span), a);
                }

                if (offsets.B >= 0)
                {
                    var b = new MatrixView(row.Slice(offsets.B, matrix.B.Length), matrix.OutputSize, matrix.Rank);
                    MatrixProduct.TransposedTimes(
                        null, Rows(flow.OutputGradient, span), Rows(flow.Low, span), b, accumulate: false, matrix.Scale);
                }
            }
        }

        static MatrixView Rows(MatrixView matrix, SequenceSpan span) =>
            new(matrix.Values[(span.Start * matrix.Stride)..], span.Length, matrix.Columns, matrix.Stride);
    }
}
