namespace OpenLedger.Attribution;

/// <summary>One part's rows of one checkpoint: int8 numbers with a scale a row; rows are padded with zeros to 64 numbers.</summary>
sealed class PartStore
{
    /// <summary>Numbers that a row's length is padded to a multiple of.</summary>
    public const int RowAlignment = 64;

    public PartStore(int rowCount, int length)
    {
        Length = length;
        Stride = MatrixKernels.Padded(length, RowAlignment);
        Numbers = new sbyte[checked(rowCount * Stride)];
        Scales = new float[rowCount];
    }

    /// <summary>Numbers of a row, without the padding.</summary>
    public int Length { get; }

    public int Stride { get; }

    /// <summary>[rows, stride]</summary>
    public sbyte[] Numbers { get; }

    /// <summary>A number's value is the int8 times its row's scale.</summary>
    public float[] Scales { get; }

    public ReadOnlySpan<sbyte> Row(int row) => Numbers.AsSpan(row * Stride, Stride);

    /// <summary>Stores a row, times a factor; the largest number takes ±127, and the rest is rounded to nearest.</summary>
    public void Quantise(int row, ReadOnlySpan<float> values, double factor)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }
        var to = Numbers.AsSpan(row * Stride, Stride);
        to.Clear();
        var scale = (float)(largest * factor / 127);
        // A row so small that its scale is not a normal number counts as nothing.
        if (!float.IsNormal(scale) || !float.IsFinite(127 / largest))
        {
            Scales[row] = 0;
            return;
        }
        Scales[row] = scale;
        var inverse = 127 / largest;
        for (var i = 0; i < values.Length; i++)
        {
            to[i] = (sbyte)MathF.Round(values[i] * inverse);
        }
    }

    /// <summary>Writes a row's values, as floats.</summary>
    public void Dequantise(int row, Span<float> values)
    {
        var from = Row(row);
        var scale = Scales[row];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = from[i] * scale;
        }
    }
}
