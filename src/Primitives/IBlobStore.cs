namespace OpenLedger;

/// <summary>
/// Content-addressed store of immutable bytes. Putting what is there already changes nothing. A blob is there wholly or not at all.
/// </summary>
public interface IBlobStore
{
    /// <summary>Stores a stream from where it stands to its end, durably, and returns its hash.</summary>
    /// <exception cref="BlobTooLargeException">More than the store's bound; nothing is stored.</exception>
    Task<ContentHash> PutAsync(Stream content, CancellationToken cancellation = default);

    /// <inheritdoc cref="PutAsync"/>
    ContentHash Put(ReadOnlySpan<byte> content);

    bool Exists(ContentHash hash);

    /// <summary>Opens a blob for reading; the caller disposes it.</summary>
    /// <exception cref="BlobNotFoundException">There is no such blob.</exception>
    Stream Open(ContentHash hash);

    /// <summary>Reads a whole blob and checks its hash.</summary>
    /// <exception cref="BlobNotFoundException">There is no such blob.</exception>
    /// <exception cref="BlobDamagedException">The stored bytes do not have the hash.</exception>
    byte[] ReadVerified(ContentHash hash);
}

/// <summary>A blob was asked for that the store does not hold.</summary>
public sealed class BlobNotFoundException(ContentHash hash)
    : UserErrorException($"there is no blob {hash}: it was never stored here, or the data folder was copied without its blobs")
{
    public ContentHash Hash { get; } = hash;
}

/// <summary>A blob's bytes do not have its hash.</summary>
public sealed class BlobDamagedException(ContentHash hash)
    : UserErrorException($"the blob {hash} is damaged on disk: restore the data folder from a copy")
{
    public ContentHash Hash { get; } = hash;
}

/// <summary>A blob is larger than the store takes.</summary>
public sealed class BlobTooLargeException(long sizeBytesMax)
    : UserErrorException($"the content has more than {sizeBytesMax} bytes, the most that the blob store takes: split it");
