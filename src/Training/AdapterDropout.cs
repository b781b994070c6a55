using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Drops inputs of adapters by a hash of their place: the backward pass finds the same ones again without a stored mask.</summary>
/// <param name="Share">The chance of each number to be dropped, from 0 to below 1; the rest is divided by 1 − share.</param>
/// <param name="Seed">Differs between steps and batches.</param>
readonly record struct AdapterDropout(float Share, ulong Seed)
{
    public void Apply(Span<float> values, int layer, Projection projection)
    {
        if (Share == 0)
        {
            return;
        }

        var stream = SeededGenerator.Mix(Seed ^ ((ulong)layer * 31 + (ulong)projection + 1) * 0x9E3779B97F4A7C15);
        var threshold = (uint)(Share * uint.MaxValue);
        var scale = 1 / (1 - Share);
        for (var index = 0; index < values.Length; index++)
        {
            var drawn = (uint)SeededGenerator.Mix(stream + (ulong)index);
            values[index] = drawn < threshold ? 0 : values[index] * scale;
        }
    }
}
