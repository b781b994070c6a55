namespace OpenLedger.Storage;

/// <summary>What every blob store checks of what it reads.</summary>
static class BlobReading
{
    /// <summary>The whole content of a blob.</summary>
    /// <exception cref="BlobNotFoundException">There is no such blob.</exception>
    /// <exception cref="BlobDamagedException">The stored bytes do not have the hash.</exception>
    public static byte[] Verified(IBlobStore store, ContentHash hash)
    {
        using var stream = store.Open(hash);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return ContentHash.Of(content) == hash ? content : throw new BlobDamagedException(hash);
    }
}
