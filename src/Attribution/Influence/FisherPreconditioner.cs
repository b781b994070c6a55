namespace OpenLedger.Attribution;

/// <summary>
/// Turns a part's row gradients g_u into φ_u = w_u·H⁻¹·g_u, so that a query's score is one inner product. H = Σ w g gᵀ / Σw + λI is
/// the damped Fisher matrix of the part, λ = factor · Σ w‖g‖² / (Σw · length). Where there are fewer rows than numbers the inverse
/// is taken in Gram form, through the push-through identity H⁻¹·Gᵀ = Gᵀ·(G·Gᵀ + λI)⁻¹; otherwise H itself is inverted.
/// </summary>
static class FisherPreconditioner
{
    /// <summary>Replaces the gradients in the store by φ.</summary>
    /// <param name="store">int8 gradients of one part.</param>
    /// <param name="weights">Weight of each row, not negative; their sum is positive.</param>
    /// <param name="dampingFactor">λ as a multiple of the mean squared entry.</param>
    /// <param name="selfInfluence">Receives φ_u·g_u, the row's influence on itself through this part.</param>
    public static void Apply(PartStore store, double[] weights, double dampingFactor, Span<double> selfInfluence)
    {
        var rowCount = weights.Length;
        var stride = MatrixKernels.Padded(store.Length, MatrixKernels.FloatLanes);
        var gradients = new float[checked(rowCount * stride)];
        var weightSum = 0.0;
        var energy = 0.0;
        for (var row = 0; row < rowCount; row++)
        {
            var values = gradients.AsSpan(row * stride, store.Length);
            store.Dequantise(row, values);
            energy += weights[row] * SquaredLength(values);
            weightSum += weights[row];
        }
        var damping = dampingFactor * energy / (weightSum * store.Length);
        if (!double.IsNormal(damping))
        {
            // Nobody has a gradient here (as for LoRA's A while B is still zero), so nobody has influence through it.
            store.Numbers.AsSpan().Clear();
            store.Scales.AsSpan().Clear();
            selfInfluence.Clear();
            return;
        }
        // Everything is done in units of the damping, so that magnitudes stay near one whatever the loss scale is.
        var unit = 1 / Math.Sqrt(damping);
        var roots = new double[rowCount];
        for (var row = 0; row < rowCount; row++)
        {
            roots[row] = Math.Sqrt(weights[row] / weightSum);
            Scale(gradients.AsSpan(row * stride, store.Length), roots[row] * unit);
        }
        var solved = rowCount <= store.Length
            ? SolveByRows(gradients, rowCount, store.Length, stride)
            : SolveByColumns(gradients, rowCount, store.Length, stride);
        var solvedStride = MatrixKernels.Padded(store.Length, MatrixKernels.FloatLanes);
        for (var row = 0; row < rowCount; row++)
        {
            var phi = solved.AsSpan(row * solvedStride, store.Length);
            // solved = root·unit·(H/λ)⁻¹·g, and φ = w·(1/λ)·(H/λ)⁻¹·g = (w·unit/root)·solved.
            var factor = roots[row] > 0 ? weights[row] * unit / roots[row] : 0;
            var gradient = gradients.AsSpan(row * stride, store.Length);
            selfInfluence[row] = roots[row] > 0 ? Dot(phi, gradient) * factor / (roots[row] * unit) : 0;
            store.Quantise(row, phi, factor);
        }
    }

    // Gram form: (X·Xᵀ + I)⁻¹·X, where X has the rows √(w/Σw)·g/√λ.
    static float[] SolveByRows(float[] rows, int rowCount, int length, int stride)
    {
        var gramStride = MatrixKernels.Padded(rowCount, MatrixKernels.FloatLanes);
        var gram = new float[rowCount * gramStride];
        MatrixKernels.MultiplyTransposed(rows, stride, rowCount, rows, stride, rowCount, stride, gram, gramStride, lowerOnly: true);
        InvertInPlace(gram, rowCount, gramStride);
        var columns = Transposed(rows, rowCount, length, stride, gramStride);
        var solved = new float[rowCount * stride];
        MatrixKernels.MultiplyTransposed(
            gram, gramStride, rowCount, columns, gramStride, length, gramStride, solved, stride, lowerOnly: false);
        return solved;
    }

    // Direct form: X·(Xᵀ·X + I)⁻¹.
    static float[] SolveByColumns(float[] rows, int rowCount, int length, int stride)
    {
        var rowsPadded = MatrixKernels.Padded(rowCount, MatrixKernels.FloatLanes);
        var columns = Transposed(rows, rowCount, length, stride, rowsPadded);
        var fisher = new float[length * stride];
        MatrixKernels.MultiplyTransposed(
            columns, rowsPadded, length, columns, rowsPadded, length, rowsPadded, fisher, stride, lowerOnly: true);
        InvertInPlace(fisher, length, stride);
        var solved = new float[rowCount * stride];
        MatrixKernels.MultiplyTransposed(rows, stride, rowCount, fisher, stride, length, stride, solved, stride, lowerOnly: false);
        return solved;
    }

    // (M + I)⁻¹ for the symmetric M whose lower triangle is given.
    static void InvertInPlace(float[] matrix, int order, int stride)
    {
        var padded = MatrixKernels.Padded(order, MatrixKernels.DoubleLanes);
        var wide = new double[padded * padded];
        for (var i = 0; i < padded; i++)
        {
            for (var j = 0; j < i && i < order; j++)
            {
                wide[(i * padded) + j] = matrix[(i * stride) + j];
            }
            wide[(i * padded) + i] = i < order ? matrix[(i * stride) + i] + 1.0 : 1.0;
        }
        matrix.AsSpan().Clear();
        PositiveInverse.Invert(wide, padded, new double[padded * padded], matrix, order, stride);
    }

    static float[] Transposed(float[] rows, int rowCount, int length, int stride, int strideTransposed)
    {
        var columns = new float[checked(length * strideTransposed)];
        for (var row = 0; row < rowCount; row++)
        {
            var from = rows.AsSpan(row * stride, length);
            for (var i = 0; i < from.Length; i++)
            {
                columns[(i * strideTransposed) + row] = from[i];
            }
        }
        return columns;
    }

    static double SquaredLength(ReadOnlySpan<float> values) => Dot(values, values);

    static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }
        return sum;
    }

    static void Scale(Span<float> values, double factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(values[i] * factor);
        }
    }
}
