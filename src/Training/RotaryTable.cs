using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Cosines and sines of the rotary positions, <c>[context, head size ÷ 2]</c>; a pair is (i, i + size ÷ 2).</summary>
/// <remarks>Su et al., RoFormer (2021), with the halves split as in Llama checkpoints of Hugging Face.</remarks>
sealed class RotaryTable
{
    readonly int _headSize;
    readonly float[] _cosines;
    readonly float[] _sines;

    public RotaryTable(ModelConfig config)
    {
        _headSize = config.HeadSize;
        var half = config.HeadSize / 2;
        _cosines = new float[config.ContextLength * half];
        _sines = new float[config.ContextLength * half];
        for (var pair = 0; pair < half; pair++)
        {
            var frequency = Math.Pow(config.RopeTheta, -2.0 * pair / config.HeadSize);
            for (var position = 0; position < config.ContextLength; position++)
            {
                (_sines[position * half + pair], _cosines[position * half + pair]) = ((float, float))Math.SinCos(position * frequency);
            }
        }
    }

    /// <summary>Turns every head of one row by its position; backwards for gradients.</summary>
    public void Rotate(Span<float> row, int position, bool backwards)
    {
        var half = _headSize / 2;
        var cosines = _cosines.AsSpan(position * half, half);
        var sines = _sines.AsSpan(position * half, half);
        var sign = backwards ? -1f : 1f;
        for (var head = 0; head < row.Length; head += _headSize)
        {
            var low = row.Slice(head, half);
            var high = row.Slice(head + half, half);
            for (var pair = 0; pair < half; pair++)
            {
                var (x, y, sine) = (low[pair], high[pair], sines[pair] * sign);
                low[pair] = x * cosines[pair] - y * sine;
                high[pair] = y * cosines[pair] + x * sine;
            }
        }
    }
}
