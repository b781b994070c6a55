using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;

namespace OpenLedger.Storage;

/// <summary>
/// Blobs as files <c>sha256/ab/abcdef…</c> below a folder. A blob is written beside, flushed, and renamed to its name, so that a name
/// never stands for half a blob. Safe for several threads.
/// </summary>
public sealed class FileBlobStore : IBlobStore
{
    /// <summary>Bytes of one blob, unless told otherwise.</summary>
    public const long DefaultSizeBytesMax = 16L << 30;

    const int CopyBufferSizeBytes = 1 << 17;
    readonly string root;
    readonly string incoming;
    readonly long sizeBytesMax;
    long incomingCount;

    /// <summary>
    /// Opens a folder, creating it, and removes what an interrupted write left behind. One process has a folder at a time.
    /// </summary>
    public FileBlobStore(string folder, long sizeBytesMax = DefaultSizeBytesMax)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        root = Path.Combine(folder, "sha256");
        incoming = Path.Combine(folder, "incoming");
        this.sizeBytesMax = sizeBytesMax;
        _ = Directory.CreateDirectory(root);
        _ = Directory.CreateDirectory(incoming);
        foreach (var leftover in Directory.EnumerateFiles(incoming))
        {
            File.Delete(leftover);
        }
    }

    public bool Exists(ContentHash hash) => File.Exists(PathOf(hash));

    public Stream Open(ContentHash hash)
    {
        try
        {
            return new FileStream(PathOf(hash), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobNotFoundException(hash);
        }
    }

    public byte[] ReadVerified(ContentHash hash) => BlobReading.Verified(this, hash);

    public ContentHash Put(ReadOnlySpan<byte> content)
    {
        if (content.Length > sizeBytesMax)
        {
            throw new BlobTooLargeException(sizeBytesMax);
        }
        var hash = ContentHash.Of(content);
        if (Exists(hash))
        {
            return hash;
        }
        var temporary = NextIncoming();
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            Keep(temporary, hash);
        }
        finally
        {
            File.Delete(temporary);
        }
        return hash;
    }

    public async Task<ContentHash> PutAsync(Stream content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var temporary = NextIncoming();
        try
        {
            var hash = await CopyAsync(content, temporary, cancellation);
            Keep(temporary, hash);
            return hash;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    async Task<ContentHash> CopyAsync(Stream content, string temporary, CancellationToken cancellation)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBufferSizeBytes);
        try
        {
            await using var file = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            long sizeBytes = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
            {
                sizeBytes += read;
                if (sizeBytes > sizeBytesMax)
                {
                    throw new BlobTooLargeException(sizeBytesMax);
                }
                hasher.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            file.Flush(flushToDisk: true);
            return new ContentHash(hasher.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    void Keep(string temporary, ContentHash hash)
    {
        var path = PathOf(hash);
        if (File.Exists(path))
        {
            return;
        }
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            _ = Directory.CreateDirectory(folder);
            FileSync.SyncFolder(root);
        }
        // Two writers of the same content write the same bytes: whichever comes last changes nothing.
        File.Move(temporary, path, overwrite: true);
        FileSync.SyncFolder(folder);
    }

    string NextIncoming() =>
        Path.Combine(incoming, Interlocked.Increment(ref incomingCount).ToString(CultureInfo.InvariantCulture));

    string PathOf(ContentHash hash) => Path.Combine(root, hash.Hex[..2], hash.Hex);
}

/// <summary>Blobs in memory, for tests and for silos that keep nothing. Safe for several threads.</summary>
public sealed class MemoryBlobStore(long sizeBytesMax = MemoryBlobStore.DefaultSizeBytesMax) : IBlobStore
{
    /// <summary>Bytes of one blob, unless told otherwise.</summary>
    public const long DefaultSizeBytesMax = 1L << 30;

    readonly System.Collections.Concurrent.ConcurrentDictionary<ContentHash, byte[]> blobs = new();

    public bool Exists(ContentHash hash) => blobs.ContainsKey(hash);

    public Stream Open(ContentHash hash) => new MemoryStream(ReadVerified(hash), writable: false);

    public byte[] ReadVerified(ContentHash hash) =>
        blobs.TryGetValue(hash, out var content) ? content : throw new BlobNotFoundException(hash);

    public ContentHash Put(ReadOnlySpan<byte> content)
    {
        if (content.Length > sizeBytesMax)
        {
            throw new BlobTooLargeException(sizeBytesMax);
        }
        var hash = ContentHash.Of(content);
        _ = blobs.TryAdd(hash, content.ToArray());
        return hash;
    }

    public async Task<ContentHash> PutAsync(Stream content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var copy = new MemoryStream();
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            if (copy.Length + read > sizeBytesMax)
            {
                throw new BlobTooLargeException(sizeBytesMax);
            }
            copy.Write(buffer, 0, read);
        }
        return Put(copy.ToArray());
    }
}
