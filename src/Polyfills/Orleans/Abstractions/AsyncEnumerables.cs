namespace Orleans.Runtime;

/// <summary>How a grain's enumeration is fetched.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>Sets the most elements that one message brings; default 100. Elements that are ready are sent together.</summary>
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
