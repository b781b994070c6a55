using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace OpenLedger.Inference;

/// <summary>Rotary positions and causal attention with grouped queries, one position and head at a time.</summary>
/// <remarks>
/// Su et al. (2021), in Hugging Face's half-split form: dimension i turns with dimension i + half. Ainslie et al. (2023) for groups.
/// Sums run in a fixed order that depends on the position alone, never on what else is computed beside it.
/// </remarks>
static unsafe class Attention
{
    /// <summary>Cosines, then sines, of one position's angles: <c>[2, headSize ÷ 2]</c>.</summary>
    public static void Angles(int position, ReadOnlySpan<double> inverseFrequencies, Span<float> angles)
    {
        var half = inverseFrequencies.Length;
        for (var index = 0; index < half; index++)
        {
            var (sine, cosine) = Math.SinCos(position * inverseFrequencies[index]);
            angles[index] = (float)cosine;
            angles[half + index] = (float)sine;
        }
    }

    /// <summary>Turns every head of one position in place.</summary>
    public static void Rotate(Span<float> heads, int headSize, ReadOnlySpan<float> angles)
    {
        var half = headSize / 2;
        for (var begin = 0; begin < heads.Length; begin += headSize)
        {
            var head = heads.Slice(begin, headSize);
            for (var index = 0; index < half; index++)
            {
                var (first, second) = (head[index], head[half + index]);
                var (cosine, sine) = (angles[index], angles[half + index]);
                head[index] = (first * cosine) - (second * sine);
                head[half + index] = (second * cosine) + (first * sine);
            }
        }
    }

    /// <summary>
    /// What one position attends to: queries <c>[heads, headSize]</c> over the positions 0 … <paramref name="position"/>.
    /// </summary>
    /// <param name="scores">Scratch for at least the positions rounded up to whole blocks.</param>
    public static void Attend(ModelConfig config, KeyValueCache cache, int layer, int position, ReadOnlySpan<float> queries,
        Span<float> output, Span<float> scores)
    {
        var group = config.HeadCount / config.KeyValueHeadCount;
        var scale = 1 / MathF.Sqrt(config.HeadSize);
        var count = position + 1;
        for (var head = 0; head < config.HeadCount; head++)
        {
            var query = queries.Slice(head * config.HeadSize, config.HeadSize);
            Score(config, cache.Keys(layer), head / group, query, scale, count, scores);
            Normalize(scores[..count]);
            Mix(config, cache.Values(layer), head / group, scores[..count], output.Slice(head * config.HeadSize, config.HeadSize));
        }
    }

    static void Score(
        ModelConfig config, ReadOnlySpan<float> keys, int keyHead, ReadOnlySpan<float> query, float scale, int count, Span<float> scores)
    {
        var blockSize = KeyValueCache.BlockLength * config.KeyValueSize;
        fixed (float* first = keys, target = scores, q = query)
        {
            for (var begin = 0; begin < count; begin += KeyValueCache.BlockLength)
            {
                var key = first + ((long)(begin / KeyValueCache.BlockLength) * blockSize) + (
                    keyHead * config.HeadSize * KeyValueCache.BlockLength);
                var sum = Vector512<float>.Zero;
                for (var dimension = 0; dimension < query.Length; dimension++, key += KeyValueCache.BlockLength)
                {
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(key), Vector512.Create(q[dimension]), sum);
                }
                (sum * scale).Store(target + begin);
            }
        }
    }

    static void Normalize(Span<float> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), scores);
        TensorPrimitives.Exp(scores, scores);
        TensorPrimitives.Divide(scores, Reduction.Sum(scores), scores);
    }

    static void Mix(ModelConfig config, ReadOnlySpan<float> values, int valueHead, ReadOnlySpan<float> weights, Span<float> output)
    {
        var stride = config.KeyValueSize;
        fixed (float* first = values, target = output, weight = weights)
        {
            var dimension = 0;
            for (; dimension + Vector512<float>.Count <= output.Length; dimension += Vector512<float>.Count)
            {
                var value = first + (valueHead * config.HeadSize) + dimension;
                var sum = Vector512<float>.Zero;
                for (var position = 0; position < weights.Length; position++, value += stride)
                {
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(value), Vector512.Create(weight[position]), sum);
                }
                sum.Store(target + dimension);
            }
            for (; dimension < output.Length; dimension++)
            {
                var value = first + (valueHead * config.HeadSize) + dimension;
                var sum = 0f;
                for (var position = 0; position < weights.Length; position++, value += stride)
                {
                    sum = MathF.FusedMultiplyAdd(*value, weight[position], sum);
                }
                target[dimension] = sum;
            }
        }
    }
}
