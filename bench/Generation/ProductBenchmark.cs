using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Inference;

namespace OpenLedger.Bench.Generation;

/// <summary>The packed matrix product against the processor's own peak, on one core and on two.</summary>
static class ProductBenchmark
{
    const int Size = 512;
    const int WarmUpCount = 60;
    const int RunCount = 400;
    const int PeakRunCount = 300;
    const int ThreadCountMax = 2;

    public static IEnumerable<Figure> Run()
    {
        for (var threads = 1; threads <= Math.Min(ThreadCountMax, Environment.ProcessorCount); threads++)
        {
            using var pool = new ComputePool(threads, "bench");
            var name = threads == 1 ? "1 core" : $"{threads} cores";
            var peak = FusedMultiplyAddPeak.Measure(pool, PeakRunCount);
            var rates = Product(pool);

            // Whoever shares the machine can only take away from either: the best of both is the comparison that means something.
            peak = Math.Max(peak, FusedMultiplyAddPeak.Measure(pool, PeakRunCount));
            yield return new Figure($"peak/{name}", peak, "GFLOP/s");
            yield return new Figure($"product/{name}/best", rates.Best / 1e9, "GFLOP/s");
            yield return new Figure($"product/{name}/median", rates.Median / 1e9, "GFLOP/s");
            yield return new Figure($"product/{name}/share of peak", rates.Best / 1e9 / peak, "");
        }
    }

    /// <summary>C = A·B with B packed beforehand, all <c>[512, 512]</c>; in operations a second.</summary>
    static Rates Product(ComputePool pool)
    {
        var random = new Random(1);
        float[] left = Numbers(random), right = Numbers(random), output = new float[Size * Size];
        var packed = MatrixProduct.Pack(new MatrixView(right, Size, Size));
        return Repetition.Rate(WarmUpCount, RunCount, 2.0 * Size * Size * Size, () => MatrixProduct.TimesPacked(
            pool, new MatrixView(left, Size, Size), packed, new MatrixView(output, Size, Size)));
    }

    static float[] Numbers(Random random) => [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextSingle() - 0.5f)];
}
