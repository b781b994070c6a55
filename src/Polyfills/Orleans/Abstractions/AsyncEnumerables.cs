namespace Orleans.Runtime;

/// <summary>How a grain's enumeration is fetched.</summary>
public static class AsyncEnumerableExtensions
{
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        if (self is Engine.RemoteEnumerable<T> remote)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
            remote.BatchSizeMax = maxBatchSize;
        }

        return self;
    }
}
