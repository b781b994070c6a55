using Npgsql;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

/// <summary>What every blob store must do.</summary>
public sealed class BlobStoreTests(PostgresFixture postgres) : IDisposable
{
    readonly TemporaryFolder folder = new();
    PostgresDatabase? database;

    public void Dispose()
    {
        database?.Dispose();
        folder.Dispose();
    }

    async Task<IBlobStore> Store(string kind, long sizeBytesMax = 1 << 20) => kind switch
    {
        "file" => new FileBlobStore(folder.File("blobs"), sizeBytesMax),
        "memory" => new MemoryBlobStore(sizeBytesMax),
        _ => new PostgresBlobStore((database ??= PostgresDatabase.Open(await postgres.NewDatabase())).DataSource, sizeBytesMax),
    };

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    [InlineData("postgres")]
    public async Task A_blob_is_found_by_the_hash_of_its_bytes(string kind)
    {
        var store = await Store(kind);
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var hash = await store.PutAsync(new MemoryStream(content));
        hash.Should().Be(ContentHash.Of(content));
        store.Put(content).Should().Be(hash);
        store.Exists(hash).Should().BeTrue();
        store.ReadVerified(hash).Should().Equal(content);
        await using var stream = store.Open(hash);
        (await ContentHash.OfStreamAsync(stream)).Should().Be(hash);
        store.Put([]).Should().Be(ContentHash.Of([]));
        store.ReadVerified(ContentHash.Of([])).Should().BeEmpty();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    [InlineData("postgres")]
    public async Task What_is_not_there_or_too_large_is_refused(string kind)
    {
        var store = await Store(kind, sizeBytesMax: 10);
        var missing = ContentHash.OfText("missing");
        store.Exists(missing).Should().BeFalse();
        FluentActions.Invoking(() => store.Open(missing)).Should().Throw<BlobNotFoundException>().WithMessage($"*{missing}*");
        FluentActions.Invoking(() => store.ReadVerified(missing)).Should().Throw<BlobNotFoundException>();
        FluentActions.Invoking(() => store.Put(new byte[11])).Should().Throw<BlobTooLargeException>();
        await FluentActions.Awaiting(() => store.PutAsync(new MemoryStream(new byte[11]))).Should().ThrowAsync<BlobTooLargeException>();
        store.Exists(ContentHash.Of(new byte[11])).Should().BeFalse();
        store.Put(new byte[10]).Should().Be(ContentHash.Of(new byte[10]));
    }

    [Fact]
    public async Task Files_lie_below_the_first_byte_of_their_hash_and_nothing_else_stays()
    {
        var store = await Store("file", sizeBytesMax: 10);
        var hash = store.Put("abc"u8);
        File.Exists(folder.File($"blobs/sha256/ba/{hash.Hex}")).Should().BeTrue();
        await FluentActions.Awaiting(() => store.PutAsync(new BrokenStream())).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => store.PutAsync(new MemoryStream(new byte[11]))).Should().ThrowAsync<BlobTooLargeException>();
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories).Should().ContainSingle();
    }

    [Fact]
    public async Task What_an_interrupted_write_left_behind_is_removed()
    {
        _ = await Store("file");
        File.WriteAllText(folder.File("blobs/incoming/7"), "half");
        _ = await Store("file");
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("postgres")]
    public async Task A_blob_that_rotted_is_noticed(string kind)
    {
        var store = await Store(kind);
        var hash = store.Put("abc"u8);
        await Rot(hash, "abd");
        FluentActions.Invoking(() => store.ReadVerified(hash)).Should().Throw<BlobDamagedException>().WithMessage($"*{hash}*");
    }

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    [InlineData("postgres")]
    public async Task Many_writers_of_the_same_blob_agree(string kind)
    {
        var store = await Store(kind);
        var hashes = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => store.Put(BitConverter.GetBytes(i % 4)))));
        hashes.Distinct().Should().HaveCount(4);
        hashes.Should().OnlyContain(hash => ContentHash.Of(store.ReadVerified(hash)) == hash);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    [InlineData("postgres")]
    public async Task A_large_blob_can_be_read_from_any_place(string kind)
    {
        var store = await Store(kind, sizeBytesMax: 1 << 23);
        var content = new byte[(3 * PostgresBlobStore.ChunkSizeBytes) + 17];
        new Random(2).NextBytes(content);
        var hash = await store.PutAsync(new MemoryStream(content));
        store.ReadVerified(hash).Should().Equal(content);
        await using var stream = store.Open(hash);
        stream.Length.Should().Be(content.Length);
        foreach (var place in new[] { 0, PostgresBlobStore.ChunkSizeBytes - 3, content.Length - 4, 5, content.Length })
        {
            _ = stream.Seek(place, SeekOrigin.Begin);
            var part = new byte[10];
            var read = stream.ReadAtLeast(part, 10, throwOnEndOfStream: false);
            part[..read].Should().Equal(content[place..Math.Min(place + 10, content.Length)]);
        }
    }

    [Fact]
    public async Task A_broken_write_leaves_nothing_in_the_database()
    {
        var store = await Store("postgres", sizeBytesMax: 10);
        await FluentActions.Awaiting(() => store.PutAsync(new BrokenStream())).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => store.PutAsync(new MemoryStream(new byte[11]))).Should().ThrowAsync<BlobTooLargeException>();
        await store.PutAsync(new MemoryStream([1]));
        await store.PutAsync(new MemoryStream([1]));
        store.Put([1]);
        await using var command = database!.DataSource.CreateCommand(
            "SELECT (SELECT count(*) FROM blob) * 10 + (SELECT count(*) FROM blob_chunk)");
        (await command.ExecuteScalarAsync()).Should().Be(11L, "one blob of one chunk");
    }

    async Task Rot(ContentHash hash, string content)
    {
        if (database is null)
        {
            File.WriteAllText(folder.File($"blobs/sha256/{hash.Hex[..2]}/{hash.Hex}"), content);
            return;
        }
        await using var command = database.DataSource.CreateCommand("UPDATE blob_chunk SET content = @content");
        _ = command.Parameters.Add(new NpgsqlParameter("content", System.Text.Encoding.UTF8.GetBytes(content)));
        await command.ExecuteNonQueryAsync();
    }

    sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("the wire broke");
    }
}
