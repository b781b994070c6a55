using System.Net;
using System.Text;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Gateway;

[Collection(RunningGateway.Name)]
public sealed class LogEndpointTests(RunningGateway gateway)
{
    [Fact]
    public async Task The_checkpoint_is_signed_covers_the_log_and_is_cached_for_a_moment_only()
    {
        var summary = await gateway.Client.Ledger.GetSummary();
        var note = await Polling.Until(ReadCheckpoint, note => note is not null && SizeOf(note) >= (ulong)summary.LogSize);
        SignedNote.Parse(Encoding.UTF8.GetBytes(note!)).Verify(NoteVerifier.Parse(summary.LogKey)).Should().BeTrue();
        using var response = await gateway.Get("/log/checkpoint");
        response.Content.Headers.ContentType!.ToString().Should().Be("text/plain; charset=utf-8");
        response.Headers.CacheControl!.MaxAge.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(5));
        response.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        response.Headers.ETag.Should().NotBeNull();
    }

    [Fact]
    public async Task The_tiles_of_the_checkpoint_lead_to_its_root_and_the_entries_to_the_tiles()
    {
        var note = (await Polling.Until(ReadCheckpoint, note => note is not null))!;
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(note)).Text);
        var range = new OpenLedger.Ledger.CompactRange();
        foreach (var tile in LogTile.Of(0, checkpoint.TreeSize))
        {
            var hashes = await ReadTile(tile);
            var entries = await ReadTile(tile with { Level = LogTile.Entries });
            for (var i = 0; i < tile.Width; i++)
            {
                var hash = new ContentHash(hashes.AsSpan(32 * i, 32));
                Merkle.LeafHash(entries.AsSpan((43 * i) + 2, 41)).Should().Be(hash);
                range.Append(hash);
            }
        }

        range.Root().Should().Be(checkpoint.Root);
    }

    [Fact]
    public async Task A_cache_that_has_it_already_is_told_so()
    {
        var note = (await Polling.Until(ReadCheckpoint, note => note is not null))!;
        var tile = LogTile.Of(LogTile.Entries, SizeOf(note)).First();
        using var first = await gateway.Get($"/log/{tile.Path}");
        first.Content.Headers.ContentType!.MediaType.Should().Be("application/octet-stream");
        first.Headers.CacheControl!.Public.Should().BeTrue();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{gateway.Server.Url}/log/{tile.Path}"));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await http.SendAsync(request);
        again.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("/log/")]
    [InlineData("/log/tile/0/0")]
    [InlineData("/log/tile/0/x000/000")]
    [InlineData("/log/tile/0/000.p/0")]
    [InlineData("/log/tile/0/000.p/256")]
    [InlineData("/log/tile/8/000")]
    [InlineData("/log/tile/0/999")]
    [InlineData("/log/tile/entries/x999/999")]
    [InlineData("/log/Checkpoint")]
    [InlineData("/log/checkpoint?a=b")]
    [InlineData("/log/checkpoint/")]
    [InlineData("/log/..%2Fkeys%2Flog.key")]
    public async Task Whatever_is_not_the_one_path_of_something_is_not_found(string path)
    {
        using var response = await gateway.Get(path);
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    static ulong SizeOf(string note) => Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(note)).Text).TreeSize;

    async Task<byte[]> ReadTile(LogTile tile)
    {
        using var response = await gateway.Get($"/log/{tile.Path}");
        if (response.StatusCode == HttpStatusCode.NotFound && !tile.IsFull)
        {
            // Another test's receipts filled it meanwhile.
            return (await ReadTile(tile.Full))[..tile.SizeBytes];
        }

        response.StatusCode.Should().Be(HttpStatusCode.OK, tile.Path);
        return await response.Content.ReadAsByteArrayAsync();
    }

    async Task<string?> ReadCheckpoint()
    {
        using var response = await gateway.Get("/log/checkpoint");
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
    }
}
