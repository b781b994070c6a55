namespace OpenLedger.Ledger;

/// <summary>
/// A list that grows by whole chunks: no element ever moves, so that adding one never copies millions, and references stay valid.
/// </summary>
sealed class SteppedList<T>
{
    const int ChunkBits = 12;
    const int ChunkLength = 1 << ChunkBits;
    T[][] chunks = new T[16][];
    int chunkCount;

    public int Count { get; private set; }

    public ref T this[int index] =>
        ref (uint)index < (uint)Count ? ref chunks[index >> ChunkBits][index & (ChunkLength - 1)] : ref Outside(index);

    public int Add(in T value)
    {
        if (Count == chunkCount << ChunkBits)
        {
            if (chunkCount == chunks.Length)
            {
                Array.Resize(ref chunks, chunks.Length * 2);
            }
            chunks[chunkCount++] = new T[ChunkLength];
        }
        chunks[Count >> ChunkBits][Count & (ChunkLength - 1)] = value;
        return Count++;
    }

    /// <summary>Forgets what was added last.</summary>
    public void Truncate(int count)
    {
        Invariant.Check(count <= Count, "a list is truncated to less than it holds");
        Count = count;
    }

    ref T Outside(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"the list holds {Count}");
}
