using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OpenLedger.Inference;

namespace OpenLedger.Bench.Measuring;

/// <summary>
/// The most fused multiply-adds a second that the processor gives: twelve independent chains in registers, more than latency times
/// throughput of any core known, and no memory.
/// </summary>
static class FusedMultiplyAddPeak
{
    const int ChainCount = 12;
    const int StepCount = 20_000;

    /// <summary>Short items, so that a thread that comes late leaves the others more to do.</summary>
    const int ItemsPerThread = 12;

    /// <summary>Operations of one f32 vector a step, two for a multiply-add.</summary>
    static readonly int operationsPerVector = 2 * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count);

    static float _sink;

    /// <summary>GFLOP/s, the best of several short runs on as many threads as the pool has.</summary>
    public static double Measure(ComputePool pool, int runCount)
    {
        var best = 0.0;
        var itemCount = pool.ThreadCount * ItemsPerThread;
        var sums = new float[itemCount];
        for (var run = 0; run < runCount; run++)
        {
            var started = Stopwatch.GetTimestamp();
            pool.Run(itemCount, item => sums[item] = Vector512.IsHardwareAccelerated ? Chains512() : Chains256());
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            best = Math.Max(best, (double)itemCount * StepCount * ChainCount * operationsPerVector / seconds / 1e9);
        }

        _sink = sums.Sum();
        return float.IsNaN(_sink) ? 0 : best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Chains512()
    {
        Vector512<float> factor = Vector512.Create(0.999f), term = Vector512.Create(0.001f);
        Vector512<float> a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
        Vector512<float> g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
        for (var step = 0; step < StepCount; step++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
            k = Vector512.FusedMultiplyAdd(k, factor, term);
            l = Vector512.FusedMultiplyAdd(l, factor, term);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Chains256()
    {
        Vector256<float> factor = Vector256.Create(0.999f), term = Vector256.Create(0.001f);
        Vector256<float> a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
        Vector256<float> g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
        for (var step = 0; step < StepCount; step++)
        {
            a = Vector256.FusedMultiplyAdd(a, factor, term);
            b = Vector256.FusedMultiplyAdd(b, factor, term);
            c = Vector256.FusedMultiplyAdd(c, factor, term);
            d = Vector256.FusedMultiplyAdd(d, factor, term);
            e = Vector256.FusedMultiplyAdd(e, factor, term);
            f = Vector256.FusedMultiplyAdd(f, factor, term);
            g = Vector256.FusedMultiplyAdd(g, factor, term);
            h = Vector256.FusedMultiplyAdd(h, factor, term);
            i = Vector256.FusedMultiplyAdd(i, factor, term);
            j = Vector256.FusedMultiplyAdd(j, factor, term);
            k = Vector256.FusedMultiplyAdd(k, factor, term);
            l = Vector256.FusedMultiplyAdd(l, factor, term);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
