using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenLedger.Ledger;

namespace OpenLedger.Cli.Tests.Monitoring;

/// <summary>
/// A log over HTTP that says what a test wants it to say: each history is a list of entries, and what is served of it can be replaced
/// path by path.
/// </summary>
public sealed class LyingLog : IAsyncDisposable
{
    readonly WebApplication _application;
    readonly Dictionary<string, byte[]?> _lies = new(StringComparer.Ordinal);
    History? _served;
    string? _checkpoint;

    LyingLog(WebApplication application) => _application = application;

    public NoteSigner Signer { get; } = new("lying.example/log", Ed25519PrivateKey.FromSeed([.. new byte[31], 7]));

    public string Key => Signer.Verifier.ToString();

    public string Url => _application.Urls.First() + "/log";

    public static async Task<LyingLog> Start()
    {
        var application = WebApplication.CreateSlimBuilder().Build();
        application.Urls.Add("http://127.0.0.1:0");
        var log = new LyingLog(application);
        application.MapGet("/log/{**path}", (string path) => log.Answer(path));
        await application.StartAsync();
        return log;
    }

    /// <summary>A history of this many receipts; a number in <paramref name="other"/> makes that entry another one.</summary>
    public static History Entries(int count, int? other = null) => new(
    [
        .. Enumerable.Range(0, count).Select(index => new LogLeaf(
            LogEntryKind.Receipt, (ulong)index, ContentHash.OfText(index == other ? $"another {index}" : $"entry {index}"))),
    ]);

    /// <summary>Serves a history honestly.</summary>
    public void Serve(History history)
    {
        _served = history;
        _checkpoint = Sign(history);
        _lies.Clear();
    }

    /// <summary>Serves this in place of a tile; null serves nothing.</summary>
    public void Replace(LogTile tile, byte[]? content) => _lies[tile.Path] = content;

    /// <summary>Serves another checkpoint over the same tiles.</summary>
    public void ServeCheckpoint(string note) => _checkpoint = note;

    public string Sign(History history, int? size = null) =>
        Sign((ulong)(size ?? history.Leaves.Count), history.Log.RootAt((ulong)(size ?? history.Leaves.Count)));

    public string Sign(ulong size, ContentHash root) => new Checkpoint(Signer.Name, size, root).Sign(Signer);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        Signer.Dispose();
    }

    IResult Answer(string path)
    {
        if (path == "checkpoint")
        {
            return _checkpoint is null ? Results.NotFound() : Results.Text(_checkpoint);
        }

        var content = _lies.TryGetValue(path, out var lie) ? lie
            : LogTile.TryParse(path, out var tile) ? _served?.Store.Read(tile) : null;
        return content is null ? Results.NotFound() : Results.Bytes(content);
    }
}

/// <summary>Entries and the honest tiles of them, those of every earlier size too.</summary>
public sealed class History
{
    public History(IReadOnlyList<LogLeaf> leaves)
    {
        Leaves = leaves;
        Log = new MerkleLog(Store);
        foreach (var leaf in leaves)
        {
            Log.Append(leaf);
            Log.Publish();
        }
    }

    public IReadOnlyList<LogLeaf> Leaves { get; }

    public MemoryTileStore Store { get; } = new();

    public MerkleLog Log { get; }
}
