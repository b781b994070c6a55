namespace OpenLedger.Attribution;

/// <summary>Bounds of an influence index, checked before anything is allocated, when it is built and when it is read.</summary>
static class InfluenceLimits
{
    /// <summary>Most rows of a version that one index covers.</summary>
    public const int RowCountMax = 1_000_000;

    /// <summary>Most checkpoints that are averaged.</summary>
    public const int CheckpointCountMax = 64;

    /// <summary>Most rows, or numbers of a part where those are fewer, of a matrix that is inverted: 10,000² doubles are 800 MB.</summary>
    public const int OrderMax = 10_000;

    /// <summary>Most int8 numbers of a part over all rows: an array's worth.</summary>
    public const long PartNumbersMax = 1L << 30;

    /// <summary>Most int8 numbers of an index: 8 GiB.</summary>
    public const long NumbersMax = 1L << 33;

    public const int AdapterHashLengthMax = 128;

    /// <exception cref="ArgumentException">Beyond a bound; the message names it.</exception>
    public static void CheckSizes(int rowCount, IReadOnlyList<int> storedLengths, int checkpointCount)
    {
        if (rowCount is < 1 or > RowCountMax)
        {
            throw new ArgumentException($"an index covers 1 to {RowCountMax} rows, not {rowCount}", nameof(rowCount));
        }
        if (checkpointCount is < 1 or > CheckpointCountMax)
        {
            throw new ArgumentException(
                $"an index averages 1 to {CheckpointCountMax} checkpoints, not {checkpointCount}", nameof(checkpointCount));
        }
        long total = 0;
        foreach (var length in storedLengths)
        {
            var numbers = (long)MatrixKernels.Padded(length, PartStore.RowAlignment) * rowCount;
            if (numbers > PartNumbersMax)
            {
                throw new ArgumentException(
                    $"{rowCount} rows of {length} numbers are beyond {PartNumbersMax} a part; sketch to fewer", nameof(storedLengths));
            }
            if (Math.Min(length, rowCount) > OrderMax)
            {
                throw new ArgumentException(
                    $"{rowCount} rows of {length} numbers need a matrix of order above {OrderMax}; sketch to fewer", nameof(storedLengths));
            }
            total += numbers;
        }
        if (total * checkpointCount > NumbersMax)
        {
            throw new ArgumentException(
                $"{checkpointCount} checkpoints of {total} numbers are beyond {NumbersMax}; sketch to fewer", nameof(storedLengths));
        }
    }
}
