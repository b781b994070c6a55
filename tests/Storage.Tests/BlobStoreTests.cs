namespace OpenLedger.Storage.Tests;

/// <summary>What every blob store must do.</summary>
public sealed class BlobStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    IBlobStore Store(string kind, long sizeBytesMax = 1 << 20) =>
        kind == "file" ? new FileBlobStore(folder.File("blobs"), sizeBytesMax) : new MemoryBlobStore(sizeBytesMax);

    [Theory]
    [InlineData("file")]
    [InlineData("memory")]
    public async Task A_blob_is_found_by_the_hash_of_its_bytes(string kind)
    {
        var store = Store(kind);
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
    public async Task What_is_not_there_or_too_large_is_refused(string kind)
    {
        var store = Store(kind, sizeBytesMax: 10);
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
        var store = Store("file", sizeBytesMax: 10);
        var hash = store.Put("abc"u8);
        File.Exists(folder.File($"blobs/sha256/ba/{hash.Hex}")).Should().BeTrue();
        await FluentActions.Awaiting(() => store.PutAsync(new BrokenStream())).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => store.PutAsync(new MemoryStream(new byte[11]))).Should().ThrowAsync<BlobTooLargeException>();
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories).Should().ContainSingle();
    }

    [Fact]
    public void What_an_interrupted_write_left_behind_is_removed()
    {
        _ = Store("file");
        File.WriteAllText(folder.File("blobs/incoming/7"), "half");
        _ = Store("file");
        Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public void A_blob_that_rotted_is_noticed()
    {
        var store = Store("file");
        var hash = store.Put("abc"u8);
        File.WriteAllText(folder.File($"blobs/sha256/ba/{hash.Hex}"), "abd");
        FluentActions.Invoking(() => store.ReadVerified(hash)).Should().Throw<BlobDamagedException>().WithMessage($"*{hash}*");
    }

    [Fact]
    public async Task Many_writers_of_the_same_blob_agree()
    {
        var store = Store("file");
        var hashes = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => store.Put(BitConverter.GetBytes(i % 4)))));
        hashes.Distinct().Should().HaveCount(4);
        hashes.Should().OnlyContain(hash => ContentHash.Of(store.ReadVerified(hash)) == hash);
    }

    sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("the wire broke");
    }
}
