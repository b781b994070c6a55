namespace OpenLedger.Ledger;

/// <summary>
/// A list that grows by whole chunks: no element ever moves once the first chunk is full, so that adding one never copies millions. A
/// reference is valid until the next addition.
/// </summary>
/// <param name="chunkBits">Logarithm of a chunk's length.</param>
/// <param name="allocate">Makes an array; null takes an ordinary one.</param>
sealed class SteppedList<T>(int chunkBits = 12, Func<int, T[]>? allocate = null)
{
    const int FirstLengthMin = 64;
    T[][] chunks = new T[16][];
    int chunkCount;

    public int Count { get; private set; }

    int ChunkLength => 1 << chunkBits;

    public ref T this[int index] =>
        ref (uint)index < (uint)Count ? ref chunks[index >> chunkBits][index & (ChunkLength - 1)] : ref Outside(index);

    public int Add(in T value)
    {
        var index = Count;
        var chunk = index >> chunkBits;
        var at = index & (ChunkLength - 1);
        if (chunk == chunkCount)
        {
            Append(chunk == 0 ? Math.Min(FirstLengthMin, ChunkLength) : ChunkLength);
        }
        else if (at == chunks[chunk].Length)
        {
            // The first chunk begins short, so that a small list is small.
            var longer = New(Math.Min(ChunkLength, at * 4));
            chunks[chunk].CopyTo(longer, 0);
            chunks[chunk] = longer;
        }
        chunks[chunk][at] = value;
        return Count++;
    }

    /// <summary>Forgets what was added last.</summary>
    public void Truncate(int count)
    {
        Invariant.Check(count <= Count, "a list is truncated to less than it holds");
        Count = count;
    }

    T[] New(int length) => allocate is null ? new T[length] : allocate(length);

    void Append(int length)
    {
        if (chunkCount == chunks.Length)
        {
            Array.Resize(ref chunks, chunks.Length * 2);
        }
        chunks[chunkCount++] = New(length);
    }

    ref T Outside(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"the list holds {Count}");
}
