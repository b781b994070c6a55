using System.Security.Cryptography;
using Npgsql;

namespace OpenLedger.Storage;

/// <summary>
/// Blobs in PostgreSQL, in chunks. A blob is one transaction, and its name is written last, so that a name never stands for half a blob.
/// Safe for several threads and processes.
/// </summary>
public sealed class PostgresBlobStore : IBlobStore
{
    /// <summary>Bytes of one chunk.</summary>
    public const int ChunkSizeBytes = 1 << 20;

    readonly NpgsqlDataSource source;
    readonly long sizeBytesMax;

    /// <summary>A store in a database whose schema is up to date.</summary>
    public PostgresBlobStore(NpgsqlDataSource source, long sizeBytesMax = FileBlobStore.DefaultSizeBytesMax)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.source = source;
        this.sizeBytesMax = sizeBytesMax;
    }

    public bool Exists(ContentHash hash) => Find(hash) is not null;

    public Stream Open(ContentHash hash) =>
        Find(hash) is var (id, sizeBytes) ? new ChunkStream(source, hash, id, sizeBytes) : throw new BlobNotFoundException(hash);

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
        using var connection = source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        var id = NextId(connection, transaction);
        var number = 0;
        for (var offset = 0; offset < content.Length; offset += ChunkSizeBytes)
        {
            var chunk = content.Slice(offset, Math.Min(ChunkSizeBytes, content.Length - offset)).ToArray();
            using var insert = InsertChunk(connection, transaction, id, number++, chunk);
            _ = insert.ExecuteNonQuery();
        }
        using var name = InsertName(connection, transaction, hash, id, content.Length);
        // Without a row another writer was first with the same bytes, and these chunks go with the transaction.
        if (name.ExecuteNonQuery() == 1)
        {
            transaction.Commit();
        }
        return hash;
    }

    public async Task<ContentHash> PutAsync(Stream content, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var id = NextId(connection, transaction);
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ChunkSizeBytes];
        long sizeBytes = 0;
        int read;
        for (var number = 0; (read = await content.ReadAtLeastAsync(buffer, buffer.Length, false, cancellation)) > 0; number++)
        {
            sizeBytes += read;
            if (sizeBytes > sizeBytesMax)
            {
                throw new BlobTooLargeException(sizeBytesMax);
            }
            hasher.AppendData(buffer, 0, read);
            await using var insert = InsertChunk(connection, transaction, id, number, buffer[..read]);
            _ = await insert.ExecuteNonQueryAsync(cancellation);
        }
        var hash = new ContentHash(hasher.GetHashAndReset());
        await using var name = InsertName(connection, transaction, hash, id, sizeBytes);
        if (await name.ExecuteNonQueryAsync(cancellation) == 1)
        {
            await transaction.CommitAsync(cancellation);
        }
        return hash;
    }

    (long Id, long SizeBytes)? Find(ContentHash hash)
    {
        using var command = source.CreateCommand("SELECT id, size_bytes FROM blob WHERE hash = @hash");
        _ = command.Parameters.AddWithValue("hash", hash.ToArray());
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    static long NextId(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        using var command = new NpgsqlCommand("SELECT nextval('blob_id')", connection, transaction);
        return (long)command.ExecuteScalar()!;
    }

    static NpgsqlCommand InsertChunk(NpgsqlConnection connection, NpgsqlTransaction transaction, long id, int number, byte[] content)
    {
        var command = new NpgsqlCommand(
            "INSERT INTO blob_chunk (blob_id, number, content) VALUES (@id, @number, @content)", connection, transaction);
        _ = command.Parameters.AddWithValue("id", id);
        _ = command.Parameters.AddWithValue("number", number);
        _ = command.Parameters.AddWithValue("content", content);
        return command;
    }

    static NpgsqlCommand InsertName(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ContentHash hash, long id, long sizeBytes)
    {
        var command = new NpgsqlCommand(
            "INSERT INTO blob (hash, id, size_bytes) VALUES (@hash, @id, @size) ON CONFLICT DO NOTHING", connection, transaction);
        _ = command.Parameters.AddWithValue("hash", hash.ToArray());
        _ = command.Parameters.AddWithValue("id", id);
        _ = command.Parameters.AddWithValue("size", sizeBytes);
        return command;
    }

    /// <summary>A blob's bytes: one chunk in memory at a time, and no connection held between chunks.</summary>
    sealed class ChunkStream(NpgsqlDataSource source, ContentHash hash, long id, long sizeBytes) : Stream
    {
        byte[] chunk = [];
        long chunkNumber = -1;
        long position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => sizeBytes;

        public override long Position
        {
            get => position;
            set
            {
                ArgumentOutOfRangeException.ThrowIfNegative(value);
                position = value;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (position >= sizeBytes || buffer.IsEmpty)
            {
                return 0;
            }
            var number = position / ChunkSizeBytes;
            if (number != chunkNumber)
            {
                chunk = Load(number);
                chunkNumber = number;
            }
            var available = chunk.AsSpan((int)(position % ChunkSizeBytes));
            var read = Math.Min(available.Length, buffer.Length);
            available[..read].CopyTo(buffer);
            position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => position + offset,
            _ => sizeBytes + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        byte[] Load(long number)
        {
            using var command = source.CreateCommand("SELECT content FROM blob_chunk WHERE blob_id = @id AND number = @number");
            _ = command.Parameters.AddWithValue("id", id);
            _ = command.Parameters.AddWithValue("number", (int)number);
            var loaded = command.ExecuteScalar() as byte[];
            var expected = Math.Min(ChunkSizeBytes, sizeBytes - (number * ChunkSizeBytes));
            return loaded?.Length == expected ? loaded : throw new BlobDamagedException(hash);
        }
    }
}
