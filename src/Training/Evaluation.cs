using System.Collections.Concurrent;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Negative log-likelihood of counted tokens.</summary>
/// <param name="NegativeLogLikelihood">Summed over the tokens, nats.</param>
public readonly record struct TokenLoss(double NegativeLogLikelihood, long TokenCount)
{
    /// <summary>Nats a token.</summary>
    public double Mean => TokenCount == 0 ? 0 : NegativeLogLikelihood / TokenCount;

    /// <summary>e to the mean loss.</summary>
    public double Perplexity => Math.Exp(Mean);

    public static TokenLoss operator +(TokenLoss left, TokenLoss right) =>
        new(left.NegativeLogLikelihood + right.NegativeLogLikelihood, left.TokenCount + right.TokenCount);
}

/// <summary>How likely a model, with or without an adapter, finds given text.</summary>
public static class Evaluation
{
    /// <summary>Tokens that are computed together on one thread.</summary>
    const int PartTokens = 1024;

    /// <summary>Loss over the answer tokens of all rows; weights of rows do not count.</summary>
    /// <param name="pool">Null to compute on the calling thread.</param>
    /// <exception cref="TrainingException">A row is wrong for the model.</exception>
    public static TokenLoss AnswerLoss(
        ModelWeights weights, LoraAdapter? adapter, IReadOnlyList<TrainingExample> rows, ComputePool? pool = null)
    {
        var losses = RowLosses(weights, adapter, rows, pool);
        return losses.Aggregate(new TokenLoss(0, 0), (sum, loss) => sum + loss);
    }

    /// <summary>Loss over the answer tokens of each row.</summary>
    /// <inheritdoc cref="AnswerLoss"/>
    public static TokenLoss[] RowLosses(
        ModelWeights weights, LoraAdapter? adapter, IReadOnlyList<TrainingExample> rows, ComputePool? pool = null)
    {
        TrainingExample.Validate(weights.Config, rows);
        var result = new TokenLoss[rows.Count];
        var parts = RowParts.Split([.. rows.Select(row => row.Tokens.Length)], PartTokens);
        Each(weights, adapter, pool, parts, (part, batch) =>
        {
            for (var row = part.Start; row < part.End; row++)
            {
                batch.Add(rows[row].Tokens, rows[row].AnswerStart, 1);
            }
        },
        (part, losses) =>
        {
            var at = 0;
            for (var row = part.Start; row < part.End; row++)
            {
                var count = rows[row].AnswerTokenCount;
                result[row] = Sum(losses.Slice(at, count));
                at += count;
            }
        });
        return result;
    }

    /// <summary>Loss over all predicted tokens of documents.</summary>
    public static TokenLoss DocumentLoss(ModelWeights weights, TokenDocuments documents, ComputePool? pool = null)
    {
        var windows = documents.Windows;
        var parts = RowParts.Split([.. windows.Select(window => window.InputCount)], PartTokens);
        var results = new TokenLoss[parts.Count];
        Each(weights, null, pool, parts, (part, batch) =>
        {
            var scratch = new int[weights.Config.ContextLength + 2];
            for (var row = part.Start; row < part.End; row++)
            {
                batch.Add(documents.TokensOf(windows[row], scratch), 1, 1);
            }
        },
        (part, losses) => results[part.Index] = Sum(losses));
        return results.Aggregate(new TokenLoss(0, 0), (sum, loss) => sum + loss);
    }

    delegate void LossReader(RowPart part, ReadOnlySpan<float> losses);

    static void Each(
        ModelWeights weights, LoraAdapter? adapter, ComputePool? pool, IReadOnlyList<RowPart> parts, Action<RowPart, TokenBatch> fill,
        LossReader read)
    {
        var tokensMax = parts.Count == 0 ? 0 : parts.Max(part => part.Tokens);
        var passes = new ConcurrentBag<DecoderPass>();
        void Compute(int item)
        {
            if (!passes.TryTake(out var pass))
            {
                pass = new DecoderPass(weights.Config, tokensMax);
            }

            var batch = new TokenBatch();
            fill(parts[item], batch);
            var losses = new float[batch.Counted.Count];
            pass.Forward(weights, adapter, batch);
            pass.Loss(weights, batch, losses);
            read(parts[item], losses);
            passes.Add(pass);
        }

        RowParts.Run(pool, parts.Count, Compute);
    }

    static TokenLoss Sum(ReadOnlySpan<float> losses)
    {
        var total = 0.0;
        foreach (var loss in losses)
        {
            total += loss;
        }

        return new TokenLoss(total, losses.Length);
    }
}

/// <summary>Consecutive rows that are computed together.</summary>
readonly record struct RowPart(int Index, int Start, int End, int Tokens);

static class RowParts
{
    /// <summary>Cuts rows into parts of about so many tokens; a longer row is a part of its own.</summary>
    public static IReadOnlyList<RowPart> Split(IReadOnlyList<int> lengths, int tokensMax)
    {
        var parts = new List<RowPart>();
        var (start, tokens) = (0, 0);
        for (var row = 0; row < lengths.Count; row++)
        {
            if (row > start && tokens + lengths[row] > tokensMax)
            {
                parts.Add(new RowPart(parts.Count, start, row, tokens));
                (start, tokens) = (row, 0);
            }

            tokens += lengths[row];
        }

        if (start < lengths.Count)
        {
            parts.Add(new RowPart(parts.Count, start, lengths.Count, tokens));
        }

        return parts;
    }

    public static void Run(ComputePool? pool, int count, Action<int> compute)
    {
        if (pool is not null)
        {
            pool.Run(count, compute);
            return;
        }

        for (var item = 0; item < count; item++)
        {
            compute(item);
        }
    }
}
