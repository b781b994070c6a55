using System.Runtime.CompilerServices;

namespace OpenLedger.Inference;

/// <summary>A row-major matrix of f32 in somebody else's memory: element (i, j) is at <c>i · stride + j</c>.</summary>
public readonly ref struct MatrixView
{
    /// <exception cref="ArgumentException">The memory is too short for the shape.</exception>
    public MatrixView(Span<float> values, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, columns);
        if (rows > 0 && ((long)rows - 1) * stride + columns > values.Length)
        {
            throw new ArgumentException(
                $"{values.Length} numbers cannot hold {rows} rows of {columns} at stride {stride}.", nameof(values));
        }

        Values = values;
        Rows = rows;
        Columns = columns;
        Stride = stride;
    }

    public MatrixView(Span<float> values, int rows, int columns)
        : this(values, rows, columns, columns)
    {
    }

    public Span<float> Values { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Numbers from one row's start to the next.</summary>
    public int Stride { get; }
}

/// <summary>Dense f32 matrix products over packed panels.</summary>
/// <remarks>
/// The scheme is Goto and van de Geijn's (2008): the right operand is packed into panels of a tile's columns, the left is read
/// in place where its rows are contiguous and packed otherwise, and a register tile runs down the inner dimension.
/// Every output element is one chain of fused multiply-adds in a fixed order per block of <see cref="InnerBlock"/>, whatever the tile,
/// the vector width or the number of threads: products are reproducible to the bit.
/// </remarks>
public static unsafe class MatrixProduct
{
    /// <summary>Inner-dimension steps between two visits of an output tile.</summary>
    const int InnerBlock = 512;

    /// <summary>Columns of the right operand packed at a time: the scratch holds <c>InnerBlock · ColumnBlock</c> numbers, 4 MiB.</summary>
    const int ColumnBlock = 2048;

    /// <summary>Most rows that one item computes.</summary>
    const int RowBlockMax = 64;

    [ThreadStatic]
    static float[]? _leftScratch;

    [ThreadStatic]
    static float[]? _rightScratch;

    /// <summary>C = scale · A·Bᵀ; C += to accumulate. A is <c>[m, k]</c>, B <c>[n, k]</c>, C <c>[m, n]</c>.</summary>
    /// <param name="pool">Null to compute on the calling thread alone.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void TimesTransposed(
        ComputePool? pool, MatrixView a, MatrixView b, MatrixView c, bool accumulate = false, float scale = 1)
    {
        Require(a.Columns == b.Columns && c.Rows == a.Rows && c.Columns == b.Rows, a, b, c);
        Multiply(pool, a, leftTransposed: false, b, rightTransposed: true, c, a.Columns, accumulate, scale);
    }

    /// <summary>C = scale · A·B; C += to accumulate. A is <c>[m, k]</c>, B <c>[k, n]</c>, C <c>[m, n]</c>.</summary>
    /// <inheritdoc cref="TimesTransposed"/>
    public static void Times(ComputePool? pool, MatrixView a, MatrixView b, MatrixView c, bool accumulate = false, float scale = 1)
    {
        Require(a.Columns == b.Rows && c.Rows == a.Rows && c.Columns == b.Columns, a, b, c);
        Multiply(pool, a, leftTransposed: false, b, rightTransposed: false, c, a.Columns, accumulate, scale);
    }

    /// <summary>C = scale · Aᵀ·B; C += to accumulate. A is <c>[k, m]</c>, B <c>[k, n]</c>, C <c>[m, n]</c>.</summary>
    /// <inheritdoc cref="TimesTransposed"/>
    public static void TransposedTimes(
        ComputePool? pool, MatrixView a, MatrixView b, MatrixView c, bool accumulate = false, float scale = 1)
    {
        Require(a.Rows == b.Rows && c.Rows == a.Columns && c.Columns == b.Columns, a, b, c);
        Multiply(pool, a, leftTransposed: true, b, rightTransposed: false, c, a.Rows, accumulate, scale);
    }

    /// <summary>Packs the right operand of <see cref="TimesTransposed"/> once, for products that share it: b is <c>[n, k]</c>.</summary>
    public static PackedOperand PackTransposed(MatrixView b) => Pack(b, transposed: true, inner: b.Columns, columns: b.Rows);

    /// <summary>Packs the right operand of <see cref="Times"/>: b is <c>[k, n]</c>.</summary>
    public static PackedOperand Pack(MatrixView b) => Pack(b, transposed: false, inner: b.Rows, columns: b.Columns);

    /// <summary>C = scale · A·B for a packed B, to the bit what the product that it was packed for gives; C += to accumulate.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void TimesPacked(ComputePool? pool, MatrixView a, PackedOperand b, MatrixView c, bool accumulate = false, float scale = 1)
    {
        if (a.Columns != b.Inner || c.Rows != a.Rows || c.Columns != b.Columns)
        {
            throw new ArgumentException(
                $"Shapes do not fit: [{a.Rows}, {a.Columns}] and [{b.Inner}, {b.Columns}] into [{c.Rows}, {c.Columns}].", nameof(c));
        }

        if (a.Rows == 0)
        {
            return;
        }

        fixed (float* aFixed = a.Values, cFixed = c.Values, packedFixed = b.Panels)
        {
            var job = new Job
            {
                Left = aFixed, LeftStride = a.Stride, LeftTransposed = false,
                Right = null, RightStride = 0, RightTransposed = false,
                Output = cFixed, OutputStride = c.Stride, Rows = c.Rows, Columns = c.Columns,
                Packed = packedFixed, Scale = scale,
            };
            job.Run(pool, b.Inner, accumulate);
        }
    }

    static PackedOperand Pack(MatrixView b, bool transposed, int inner, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfZero(inner, nameof(b));
        ArgumentOutOfRangeException.ThrowIfZero(columns, nameof(b));
        var operand = new PackedOperand(inner, columns, new float[(long)inner * RoundUp(columns, MatrixProductKernel.Columns)]);
        fixed (float* bFixed = b.Values, packedFixed = operand.Panels)
        {
            var job = new Job
            {
                Left = null, LeftStride = 0, LeftTransposed = false,
                Right = bFixed, RightStride = b.Stride, RightTransposed = transposed,
                Output = null, OutputStride = 0, Rows = 0, Columns = columns,
                Packed = packedFixed, Scale = 1,
            };
            job.PackAll(inner);
        }

        return operand;
    }

    static void Require(bool fits, MatrixView a, MatrixView b, MatrixView c)
    {
        if (!fits)
        {
            throw new ArgumentException(
                $"Shapes do not fit: [{a.Rows}, {a.Columns}] and [{b.Rows}, {b.Columns}] into [{c.Rows}, {c.Columns}].", nameof(c));
        }
    }

    static void Multiply(
        ComputePool? pool, MatrixView a, bool leftTransposed, MatrixView b, bool rightTransposed, MatrixView c, int inner, bool accumulate,
        float scale)
    {
        if (c.Rows == 0 || c.Columns == 0)
        {
            return;
        }

        if (inner == 0)
        {
            for (var row = 0; row < c.Rows && !accumulate; row++)
            {
                c.Values.Slice(row * c.Stride, c.Columns).Clear();
            }

            return;
        }

        var packedColumns = RoundUp(Math.Min(c.Columns, ColumnBlock), MatrixProductKernel.Columns);
        var rightScratch = Scratch(ref _rightScratch, Math.Min(inner, InnerBlock) * packedColumns);
        fixed (float* aFixed = a.Values, bFixed = b.Values, cFixed = c.Values, packedFixed = rightScratch)
        {
            var job = new Job
            {
                Left = aFixed, LeftStride = a.Stride, LeftTransposed = leftTransposed,
                Right = bFixed, RightStride = b.Stride, RightTransposed = rightTransposed,
                Output = cFixed, OutputStride = c.Stride, Rows = c.Rows, Columns = c.Columns,
                Packed = packedFixed, Scale = scale,
            };
            job.Run(pool, inner, accumulate);
        }
    }

    static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    static float[] Scratch(ref float[]? scratch, int length)
    {
        if (scratch is null || scratch.Length < length)
        {
            scratch = GC.AllocateUninitializedArray<float>(length);
        }

        return scratch;
    }

    /// <summary>One product: what the items that compute it share.</summary>
    sealed class Job
    {
        public required float* Left;
        public required int LeftStride;
        public required bool LeftTransposed;
        public required float* Right;
        public required int RightStride;
        public required bool RightTransposed;
        public required float* Output;
        public required int OutputStride;
        public required int Rows;
        public required int Columns;
        public required float* Packed;
        public required float Scale;

        float* _panels;
        int _columnStart;
        int _columnCount;
        int _innerStart;
        int _innerCount;
        int _rowBlock;
        bool _accumulate;

        public void Run(ComputePool? pool, int inner, bool accumulate)
        {
            var threads = pool?.ThreadCount ?? 1;
            var share = RoundUp((Rows + threads * 4 - 1) / (threads * 4), MatrixProductKernel.Rows);
            _rowBlock = Math.Clamp(share, MatrixProductKernel.Rows, RowBlockMax);
            for (_columnStart = 0; _columnStart < Columns; _columnStart += ColumnBlock)
            {
                _columnCount = Math.Min(ColumnBlock, Columns - _columnStart);
                var panels = (_columnCount + MatrixProductKernel.Columns - 1) / MatrixProductKernel.Columns;
                for (_innerStart = 0; _innerStart < inner; _innerStart += InnerBlock)
                {
                    _innerCount = Math.Min(InnerBlock, inner - _innerStart);
                    _accumulate = accumulate || _innerStart > 0;
                    if (Right is not null)
                    {
                        Share(pool, panels, PackPanel);
                        _panels = Packed;
                    }
                    else
                    {
                        _panels = Packed + Offset(inner, panels);
                    }

                    Share(pool, (Rows + _rowBlock - 1) / _rowBlock, ComputeRows);
                }
            }
        }

        /// <summary>Packs every block of the right operand, one behind the other.</summary>
        public void PackAll(int inner)
        {
            var start = Packed;
            for (_columnStart = 0; _columnStart < Columns; _columnStart += ColumnBlock)
            {
                _columnCount = Math.Min(ColumnBlock, Columns - _columnStart);
                var panels = (_columnCount + MatrixProductKernel.Columns - 1) / MatrixProductKernel.Columns;
                for (_innerStart = 0; _innerStart < inner; _innerStart += InnerBlock)
                {
                    _innerCount = Math.Min(InnerBlock, inner - _innerStart);
                    Packed = start + Offset(inner, panels);
                    for (var panel = 0; panel < panels; panel++)
                    {
                        PackPanel(panel);
                    }
                }
            }
        }

        /// <summary>Where the block at hand begins in an operand packed as a whole.</summary>
        long Offset(int inner, int panels) =>
            (long)_columnStart * inner + (long)_innerStart * panels * MatrixProductKernel.Columns;

        static void Share(ComputePool? pool, int itemCount, Action<int> execute)
        {
            if (pool is not null)
            {
                pool.Run(itemCount, execute);
                return;
            }

            for (var item = 0; item < itemCount; item++)
            {
                execute(item);
            }
        }

        /// <summary>Lays one panel of the right operand out as <c>[inner][panel columns]</c>, zeros past the last column.</summary>
        void PackPanel(int panel)
        {
            var width = MatrixProductKernel.Columns;
            var first = panel * width;
            var count = Math.Min(width, _columnCount - first);
            var target = Packed + (long)panel * width * _innerCount;
            if (RightTransposed)
            {
                var source = Right + (long)(_columnStart + first) * RightStride + _innerStart;
                MatrixProductKernel.PackTransposed(source, RightStride, count, _innerCount, target, width);
            }
            else
            {
                var source = Right + (long)_innerStart * RightStride + _columnStart + first;
                MatrixProductKernel.PackRows(source, RightStride, count, _innerCount, target, width);
            }
        }

        void ComputeRows(int block)
        {
            var rowStart = block * _rowBlock;
            var rowCount = Math.Min(_rowBlock, Rows - rowStart);
            if (!LeftTransposed)
            {
                ComputeTiles(Left + (long)rowStart * LeftStride + _innerStart, rowStart, rowCount, packed: false);
                return;
            }

            var height = MatrixProductKernel.Rows;
            fixed (float* scratch = Scratch(ref _leftScratch, RoundUp(rowCount, height) * _innerCount))
            {
                for (var row = 0; row < rowCount; row += height)
                {
                    var source = Left + (long)_innerStart * LeftStride + rowStart + row;
                    MatrixProductKernel.PackRows(
                        source, LeftStride, Math.Min(height, rowCount - row), _innerCount, scratch + (long)row * _innerCount, height);
                }

                ComputeTiles(scratch, rowStart, rowCount, packed: true);
            }
        }

        void ComputeTiles(float* left, int rowStart, int rowCount, bool packed)
        {
            int height = MatrixProductKernel.Rows, width = MatrixProductKernel.Columns;
            for (var column = 0; column < _columnCount; column += width)
            {
                var right = _panels + (long)column * _innerCount;
                var columns = Math.Min(width, _columnCount - column);
                for (var row = 0; row < rowCount; row += height)
                {
                    var rows = Math.Min(height, rowCount - row);
                    var source = packed
                        ? new TileSource(left + (long)row * _innerCount, 1, height, rows)
                        : new TileSource(left + (long)row * LeftStride, LeftStride, 1, rows);
                    var output = Output + (long)(rowStart + row) * OutputStride + _columnStart + column;
                    MatrixProductKernel.Tile(source, right, _innerCount, output, OutputStride, rows, columns, _accumulate, Scale);
                }
            }
        }
    }
}

/// <summary>A right operand packed for one kind of product, independent of the matrix it was made from.</summary>
public sealed class PackedOperand
{
    internal PackedOperand(int inner, int columns, float[] panels)
    {
        Inner = inner;
        Columns = columns;
        Panels = panels;
    }

    /// <summary>Columns that the left operand must have.</summary>
    public int Inner { get; }

    /// <summary>Columns of the product.</summary>
    public int Columns { get; }

    internal float[] Panels { get; }
}

/// <summary>Where a tile reads its rows of the left operand: element (i, k) is at <c>i · RowStride + k · InnerStride</c>.</summary>
unsafe readonly struct TileSource(float* first, int rowStride, int innerStride, int rows)
{
    public int InnerStride => innerStride;

    /// <summary>The row's start; rows past the last repeat it, and what they give is dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int index) => first + (long)Math.Min(index, rows - 1) * rowStride;
}
