using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OpenLedger.Ledger;
using OpenLedger.Silo.Configuration;
using OpenLedger.Silo.Log;

namespace OpenLedger.Silo.Tests.Log;

/// <summary>A checkpoint is published after its tiles, and with the cosignatures of those witnesses that gave one that holds.</summary>
public sealed class LogPublisherTests : IAsyncLifetime
{
    readonly SignalledStore _tiles = new();
    readonly NoteSigner _signer = new("publisher.example/log", Ed25519PrivateKey.FromSeed([.. new byte[31], 1]));
    readonly CosignatureSigner _first = new("witness.example/one", Ed25519PrivateKey.FromSeed([.. new byte[31], 2]));
    readonly CosignatureSigner _second = new("witness.example/two", Ed25519PrivateKey.FromSeed([.. new byte[31], 3]));
    readonly LogOptions _options = new() { CheckpointMs = 20, WitnessTimeoutMs = 20_000 };
    LedgerWriter _writer = null!;

    public ValueTask InitializeAsync()
    {
        var journal = new MemoryJournal();
        _writer = new LedgerWriter(LedgerCore.Open(journal, _signer, TimeProvider.System, IdSource.FromSeed(1), _tiles));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _signer.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Every_checkpoint_stands_on_tiles_that_are_there()
    {
        Start();
        for (var i = 1; i <= 5; i++)
        {
            await Commit(i);
            var note = await _tiles.Published(note => SizeOf(note) >= (ulong)i);
            var monitor = new LogMonitor(_signer.Verifier, new StoredLogSource(_tiles));
            (await monitor.Look(null, true, [], [], default)).Fault.Should().Be(LogFault.None);
            SizeOf(note).Should().BeGreaterThanOrEqualTo((ulong)i);
        }
    }

    [Fact]
    public async Task Witnesses_cosign_each_checkpoint_and_receipts_carry_what_they_said()
    {
        await using var one = await Witness(_first);
        await using var two = await Witness(_second);
        Use(one.Url, _first);
        Use(two.Url, _second);
        Start();
        var policy = new WitnessPolicy([_first.Verifier, _second.Verifier], 2);
        for (var i = 1; i <= 3; i++)
        {
            await Commit(i);
            var note = await _tiles.Published(note => SizeOf(note) >= (ulong)i && Signatures(note) == 3);
            policy.Check(SignedNote.Parse(Encoding.UTF8.GetBytes(note))).Problem.Should().BeNull();
        }

        using var http = new HttpClient();
        var latest = await http.GetStringAsync(new Uri($"{one.Url}/{ContentHash.OfText(_signer.Name).Hex}/checkpoint"));
        new WitnessPolicy([_first.Verifier], 1).Check(SignedNote.Parse(Encoding.UTF8.GetBytes(latest))).Problem.Should().BeNull();
    }

    [Fact]
    public async Task A_witness_that_knew_the_log_before_is_asked_again_from_where_it_is()
    {
        await Commit(1);
        await using var witness = await Witness(_first);
        var head = await _writer.ReadAsync(core => core.Head());
        _tiles.Write(head.PartialTiles);
        using var http = new HttpClient();
        using var body = new ByteArrayContent(new AddCheckpoint(0, [], head.Note).ToBytes());
        (await http.PostAsync(new Uri($"{witness.Url}/add-checkpoint"), body)).IsSuccessStatusCode.Should().BeTrue();
        await Commit(2);
        Use(witness.Url, _first);
        Start();
        (await _tiles.Published(note => Signatures(note) == 2)).Should().Contain("— witness.example/one ");
    }

    [Fact]
    public async Task An_answer_that_does_not_hold_is_not_attached_and_stops_nothing()
    {
        await using var liar = await Answering(context => context.Response.WriteAsync(
            _first.SignatureLine("another checkpoint\n", 5)));
        await using var broken = await Answering(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var talker = await Answering(context => context.Response.WriteAsync(new string('x', 1 << 20)));
        await using var honest = await Witness(_second);
        Use(Url(liar), _first);
        using var third = new CosignatureSigner("witness.example/three", Ed25519PrivateKey.FromSeed([.. new byte[31], 4]));
        using var fourth = new CosignatureSigner("witness.example/four", Ed25519PrivateKey.FromSeed([.. new byte[31], 5]));
        using var fifth = new CosignatureSigner("witness.example/five", Ed25519PrivateKey.FromSeed([.. new byte[31], 6]));
        Use(Url(broken), third);
        Use(Url(talker), fourth);
        Use("http://127.0.0.1:9", fifth);
        Use(honest.Url, _second);
        await Commit(1);
        Start();
        var note = await _tiles.Published(note => Signatures(note) > 1);
        Signatures(note).Should().Be(2);
        note.Should().Contain("— witness.example/two ");
    }

    [Fact]
    public async Task A_witness_that_does_not_answer_holds_nobody_up_for_longer_than_its_time()
    {
        var never = new TaskCompletionSource();
        await using var silent = await Answering(_ => never.Task);
        Use(Url(silent), _first);
        _options.WitnessTimeoutMs = 50;
        await Commit(1);
        Start();
        (await _tiles.Published(note => SizeOf(note) > 0)).Should().NotContain("witness");
        never.SetResult();
    }

    void Start() => LogPublisher.Start(_writer, _tiles, _options, TimeProvider.System, NullLogger.Instance);

    void Use(string url, CosignatureSigner witness) =>
        _options.Witnesses.Add(new WitnessOptions { Url = url, Key = witness.Verifier.ToString() });

    Task Commit(int number) => _writer.CommitAsync(new LedgerRequest { Accounts = [new OpenAccount($"account{number}")] });

    Task<WitnessServer> Witness(CosignatureSigner signer) => WitnessServer.Start(
        new Witness(signer, [_signer.Verifier], new MemoryWitnessStore(), TimeProvider.System), "http://127.0.0.1:0");

    static string Url(WebApplication application) => application.Urls.First();

    static async Task<WebApplication> Answering(RequestDelegate answer)
    {
        var application = WebApplication.CreateSlimBuilder().Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapPost("/add-checkpoint", answer);
        await application.StartAsync();
        return application;
    }

    static ulong SizeOf(string note) => PublishedCheckpoint.TreeSizeOf(note);

    static int Signatures(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note)).Signatures.Count;

    /// <summary>A store that tells of checkpoints as they are published.</summary>
    sealed class SignalledStore : ITileStore
    {
        readonly MemoryTileStore _store = new();
        readonly List<(Func<string, bool> Expected, TaskCompletionSource<string> Seen)> _waiting = [];

        public Task<string> Published(Func<string, bool> expected)
        {
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_waiting)
            {
                _waiting.Add((expected, seen));
                Tell(_store.ReadCheckpoint());
            }

            return seen.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        }

        public byte[]? Read(LogTile tile) => _store.Read(tile);

        public void Write(IReadOnlyList<TileContent> tiles) => _store.Write(tiles);

        public void Flush() => _store.Flush();

        public string? ReadCheckpoint() => _store.ReadCheckpoint();

        public void WriteCheckpoint(ulong treeSize, string note)
        {
            _store.WriteCheckpoint(treeSize, note);
            lock (_waiting)
            {
                Tell(note);
            }
        }

        void Tell(string? note)
        {
            foreach (var (expected, seen) in _waiting)
            {
                if (note is not null && expected(note))
                {
                    _ = seen.TrySetResult(note);
                }
            }
        }
    }
}
