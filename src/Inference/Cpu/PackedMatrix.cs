using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OpenLedger.Inference;

/// <summary>
/// An immutable matrix <c>[out, in]</c> laid out for serving: panels of 32 outputs, each panel <c>[in][32]</c>, zeros past the last
/// output, so that decoding reads one stream and no sum runs across a vector.
/// </summary>
/// <remarks>
/// Every output is one chain of fused multiply-adds over the inputs in ascending order, whatever the number of positions, the vector
/// width or the threads: a position computed alone equals the same position computed among others, to the bit.
/// </remarks>
sealed unsafe class PackedMatrix
{
    public const int PanelWidth = 32;

    /// <summary>Panels that one position visits together: eight independent chains hide the latency of the multiply-add.</summary>
    const int PanelsTogether = 4;

    /// <summary>Multiply-adds below which sharing the work costs more than it saves.</summary>
    const long SharedWorkMin = 1 << 18;

    readonly float[] _panels;
    readonly int _panelCount;

    /// <param name="values">Row-major <c>[outputs, inputs]</c>; copied.</param>
    public PackedMatrix(ReadOnlySpan<float> values, int outputs, int inputs)
    {
        Outputs = outputs;
        Inputs = inputs;
        _panelCount = (outputs + PanelWidth - 1) / PanelWidth;
        _panels = new float[(long)_panelCount * PanelWidth * inputs];
        for (var output = 0; output < outputs; output++)
        {
            var panel = _panels.AsSpan(output / PanelWidth * PanelWidth * inputs, PanelWidth * inputs);
            var row = values.Slice(output * inputs, inputs);
            for (var input = 0; input < inputs; input++)
            {
                panel[(input * PanelWidth) + (output % PanelWidth)] = row[input];
            }
        }
    }

    public int Outputs { get; }

    public int Inputs { get; }

    public long SizeBytes => (long)_panels.Length * sizeof(float);

    /// <summary>y = W·x for each position, or y += W·x. x is <c>[positions, in]</c>, y <c>[positions, out]</c>, both dense.</summary>
    public void Apply(ReadOnlySpan<float> x, Span<float> y, int positions, bool accumulate, ComputePool? pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(x.Length, positions * Inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(y.Length, positions * Outputs);
        fixed (float* xFixed = x, yFixed = y, panelsFixed = _panels)
        {
            float* xFirst = xFixed, yFirst = yFixed, panelsFirst = panelsFixed;
            if (pool is null || pool.ThreadCount == 1 || (long)Outputs * Inputs * positions < SharedWorkMin)
            {
                ApplyPanels(panelsFirst, 0, _panelCount, xFirst, yFirst, positions, accumulate);
                return;
            }
            var groups = (_panelCount + PanelsTogether - 1) / PanelsTogether;
            var groupsTogether = Math.Max(1, groups / (pool.ThreadCount * 2));
            pool.RunRanges(groups, groupsTogether, (begin, end) => ApplyPanels(
                panelsFirst, begin * PanelsTogether, Math.Min(_panelCount, end * PanelsTogether), xFirst, yFirst, positions, accumulate));
        }
    }

    void ApplyPanels(float* panels, int begin, int end, float* x, float* y, int positions, bool accumulate)
    {
        var position = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (var panel = begin; panel < end && positions >= 8; panel++)
            {
                for (position = 0; position + 8 <= positions; position += 8)
                {
                    EightPositions(panels, panel, x + (position * Inputs), y + (position * Outputs), accumulate);
                }
            }
            for (; position < positions; position++)
            {
                OnePosition(panels, begin, end, x + (position * Inputs), y + (position * Outputs), accumulate);
            }
            return;
        }
        for (; position < positions; position++)
        {
            OnePositionOfAnyWidth(panels, begin, end, x + (position * Inputs), y + (position * Outputs), accumulate);
        }
    }

    void OnePosition(float* panels, int begin, int end, float* x, float* y, bool accumulate)
    {
        var size = PanelWidth * Inputs;
        var panel = begin;
        // The last panel may be ragged, so four whole ones are left only while their outputs are all there.
        for (; panel + PanelsTogether <= end && (panel + PanelsTogether) * PanelWidth <= Outputs; panel += PanelsTogether)
        {
            float* w0 = panels + ((long)panel * size), w1 = w0 + size, w2 = w1 + size, w3 = w2 + size;
            var target = y + (panel * PanelWidth);
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            if (accumulate)
            {
                (a0, a1) = (Vector512.Load(target), Vector512.Load(target + 16));
                (b0, b1) = (Vector512.Load(target + 32), Vector512.Load(target + 48));
                (c0, c1) = (Vector512.Load(target + 64), Vector512.Load(target + 80));
                (d0, d1) = (Vector512.Load(target + 96), Vector512.Load(target + 112));
            }
            for (var input = 0; input < Inputs; input++)
            {
                var value = Vector512.Create(x[input]);
                var offset = input * PanelWidth;
                a0 = Vector512.FusedMultiplyAdd(Vector512.Load(w0 + offset), value, a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Load(w0 + offset + 16), value, a1);
                b0 = Vector512.FusedMultiplyAdd(Vector512.Load(w1 + offset), value, b0);
                b1 = Vector512.FusedMultiplyAdd(Vector512.Load(w1 + offset + 16), value, b1);
                c0 = Vector512.FusedMultiplyAdd(Vector512.Load(w2 + offset), value, c0);
                c1 = Vector512.FusedMultiplyAdd(Vector512.Load(w2 + offset + 16), value, c1);
                d0 = Vector512.FusedMultiplyAdd(Vector512.Load(w3 + offset), value, d0);
                d1 = Vector512.FusedMultiplyAdd(Vector512.Load(w3 + offset + 16), value, d1);
            }
            (a0, b0, c0, d0).Store(target);
            (a1, b1, c1, d1).Store(target + 16);
        }
        for (; panel < end; panel++)
        {
            OnePanel(panels, panel, x, y, accumulate);
        }
    }

    void OnePanel(float* panels, int panel, float* x, float* y, bool accumulate)
    {
        var w = panels + ((long)panel * PanelWidth * Inputs);
        var edge = stackalloc float[PanelWidth];
        var target = Edge(panel, y, edge, accumulate);
        var low = accumulate ? Vector512.Load(target) : default;
        var high = accumulate ? Vector512.Load(target + 16) : default;
        for (var input = 0; input < Inputs; input++, w += PanelWidth)
        {
            var value = Vector512.Create(x[input]);
            low = Vector512.FusedMultiplyAdd(Vector512.Load(w), value, low);
            high = Vector512.FusedMultiplyAdd(Vector512.Load(w + 16), value, high);
        }
        low.Store(target);
        high.Store(target + 16);
        CopyEdge(panel, y, edge, target);
    }

    void EightPositions(float* panels, int panel, float* x, float* y, bool accumulate)
    {
        var w = panels + ((long)panel * PanelWidth * Inputs);
        var tile = stackalloc float[8 * PanelWidth];
        var width = Math.Min(PanelWidth, Outputs - (panel * PanelWidth));
        for (var row = 0; row < 8; row++)
        {
            var target = new Span<float>(tile + (row * PanelWidth), PanelWidth);
            target.Clear();
            if (accumulate)
            {
                new ReadOnlySpan<float>(y + (row * Outputs) + (panel * PanelWidth), width).CopyTo(target);
            }
        }
        EightRows(w, x, tile);
        for (var row = 0; row < 8; row++)
        {
            new ReadOnlySpan<float>(tile + (row * PanelWidth), width).CopyTo(
                new Span<float>(y + (row * Outputs) + (panel * PanelWidth), width));
        }
    }

    /// <summary>Sixteen chains in registers: two vectors of outputs for each of eight positions.</summary>
    void EightRows(float* w, float* x, float* tile)
    {
        float* x0 = x, x1 = x0 + Inputs, x2 = x1 + Inputs, x3 = x2 + Inputs;
        float* x4 = x3 + Inputs, x5 = x4 + Inputs, x6 = x5 + Inputs, x7 = x6 + Inputs;
        Vector512<float> a0 = Vector512.Load(tile), b0 = Vector512.Load(tile + 16);
        Vector512<float> a1 = Vector512.Load(tile + 32), b1 = Vector512.Load(tile + 48);
        Vector512<float> a2 = Vector512.Load(tile + 64), b2 = Vector512.Load(tile + 80);
        Vector512<float> a3 = Vector512.Load(tile + 96), b3 = Vector512.Load(tile + 112);
        Vector512<float> a4 = Vector512.Load(tile + 128), b4 = Vector512.Load(tile + 144);
        Vector512<float> a5 = Vector512.Load(tile + 160), b5 = Vector512.Load(tile + 176);
        Vector512<float> a6 = Vector512.Load(tile + 192), b6 = Vector512.Load(tile + 208);
        Vector512<float> a7 = Vector512.Load(tile + 224), b7 = Vector512.Load(tile + 240);
        for (var input = 0; input < Inputs; input++, w += PanelWidth)
        {
            Vector512<float> low = Vector512.Load(w), high = Vector512.Load(w + 16);
            Step(low, high, x0[input], ref a0, ref b0);
            Step(low, high, x1[input], ref a1, ref b1);
            Step(low, high, x2[input], ref a2, ref b2);
            Step(low, high, x3[input], ref a3, ref b3);
            Step(low, high, x4[input], ref a4, ref b4);
            Step(low, high, x5[input], ref a5, ref b5);
            Step(low, high, x6[input], ref a6, ref b6);
            Step(low, high, x7[input], ref a7, ref b7);
        }
        (a0, a1, a2, a3).Store(tile);
        (b0, b1, b2, b3).Store(tile + 16);
        (a4, a5, a6, a7).Store(tile + 128);
        (b4, b5, b6, b7).Store(tile + 144);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Step(Vector512<float> low, Vector512<float> high, float x, ref Vector512<float> a, ref Vector512<float> b)
    {
        var value = Vector512.Create(x);
        a = Vector512.FusedMultiplyAdd(low, value, a);
        b = Vector512.FusedMultiplyAdd(high, value, b);
    }

    /// <summary>One position on the path of machines without 512-bit vectors, on any machine.</summary>
    internal void ApplyPortable(float* x, float* y, bool accumulate)
    {
        fixed (float* panels = _panels)
        {
            OnePositionOfAnyWidth(panels, 0, _panelCount, x, y, accumulate);
        }
    }

    /// <summary>The same chains where the machine has no 512-bit vectors.</summary>
    void OnePositionOfAnyWidth(float* panels, int begin, int end, float* x, float* y, bool accumulate)
    {
        var edge = stackalloc float[PanelWidth];
        for (var panel = begin; panel < end; panel++)
        {
            var w = panels + ((long)panel * PanelWidth * Inputs);
            var target = Edge(panel, y, edge, accumulate);
            for (var lane = 0; lane < PanelWidth; lane += Vector<float>.Count)
            {
                var sum = accumulate ? Unsafe.ReadUnaligned<Vector<float>>(target + lane) : Vector<float>.Zero;
                for (var input = 0; input < Inputs; input++)
                {
                    var weight = Unsafe.ReadUnaligned<Vector<float>>(w + (input * PanelWidth) + lane);
                    sum = Vector.FusedMultiplyAdd(weight, new Vector<float>(x[input]), sum);
                }
                Unsafe.WriteUnaligned(target + lane, sum);
            }
            CopyEdge(panel, y, edge, target);
        }
    }

    /// <summary>Where a panel's outputs go: straight to y, or to the edge buffer where fewer than 32 are left.</summary>
    float* Edge(int panel, float* y, float* edge, bool accumulate)
    {
        var width = Outputs - (panel * PanelWidth);
        if (width >= PanelWidth)
        {
            return y + (panel * PanelWidth);
        }
        new Span<float>(edge, PanelWidth).Clear();
        if (accumulate)
        {
            new ReadOnlySpan<float>(y + (panel * PanelWidth), width).CopyTo(new Span<float>(edge, PanelWidth));
        }
        return edge;
    }

    void CopyEdge(int panel, float* y, float* edge, float* target)
    {
        if (target == edge)
        {
            new ReadOnlySpan<float>(edge, Outputs - (panel * PanelWidth)).CopyTo(
                new Span<float>(y + (panel * PanelWidth), Outputs - (panel * PanelWidth)));
        }
    }
}

/// <summary>Stores four vectors a panel apart.</summary>
static unsafe class VectorStores
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        this (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) vectors, float* target)
    {
        vectors.First.Store(target);
        vectors.Second.Store(target + PackedMatrix.PanelWidth);
        vectors.Third.Store(target + (2 * PackedMatrix.PanelWidth));
        vectors.Fourth.Store(target + (3 * PackedMatrix.PanelWidth));
    }
}
