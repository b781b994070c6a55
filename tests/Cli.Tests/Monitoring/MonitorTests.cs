using System.Text.Json;
using OpenLedger.Cli.Monitoring;
using OpenLedger.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Monitoring;

/// <summary>Each lie of a log is caught and called by its name; an honest log is left in peace.</summary>
public sealed class MonitorTests : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();
    LyingLog _log = null!;
    MonitorState? _seen;

    public async ValueTask InitializeAsync() => _log = await LyingLog.Start();

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_honest_log_that_grows_is_left_in_peace()
    {
        foreach (var size in new[] { 1, 255, 256, 257, 600, 600 })
        {
            _log.Serve(LyingLog.Entries(size));
            var report = await Look();
            report.Fault.Should().Be(LogFault.None, report.Message);
            report.NewSize.Should().Be((ulong)size);
            report.EntriesRead.Should().Be((ulong)size);
        }

        var added = await Look(full: false);
        added.Holds.Should().BeTrue();
        added.EntriesRead.Should().BeLessThan(256, "only the last bundle is read again");
    }

    [Fact]
    public async Task A_partial_tile_that_made_way_for_the_full_one_is_no_lie()
    {
        var history = LyingLog.Entries(300);
        _log.Serve(history);
        _log.ServeCheckpoint(_log.Sign(history, 200));
        (await Look()).Holds.Should().BeTrue();
    }

    [Fact]
    public async Task A_split_view_is_caught_by_whoever_sees_both_sides()
    {
        _log.Serve(LyingLog.Entries(300));
        (await Look()).Holds.Should().BeTrue();
        _log.Serve(LyingLog.Entries(300, other: 7));
        await ShouldBeCaught(LogFault.SplitView);

        _seen = null;
        await ShouldBeCaught(LogFault.SplitView, peers: [_log.Sign(LyingLog.Entries(300))]);
    }

    [Fact]
    public async Task A_fork_is_caught_by_what_was_seen_before_and_by_peers_behind_and_ahead()
    {
        _log.Serve(LyingLog.Entries(300));
        (await Look()).Holds.Should().BeTrue();
        _log.Serve(LyingLog.Entries(400, other: 7));
        await ShouldBeCaught(LogFault.Fork);

        _seen = null;
        await ShouldBeCaught(LogFault.Fork, peers: [_log.Sign(LyingLog.Entries(300))]);
        var forked = LyingLog.Entries(400, other: 7);
        _log.Serve(forked);
        _log.ServeCheckpoint(_log.Sign(forked, 290));
        await ShouldBeCaught(LogFault.Fork, peers: [_log.Sign(LyingLog.Entries(400))]);
        (await Look(peers: [_log.Sign(forked)])).Holds.Should().BeTrue("the peer is ahead and sees the same log");
        (await Look(peers: [_log.Sign(LyingLog.Entries(500))])).Holds.Should().BeTrue("what is not served yet cannot be compared yet");
    }

    [Fact]
    public async Task A_log_that_shrank_is_caught()
    {
        var history = LyingLog.Entries(300);
        _log.Serve(history);
        (await Look()).Holds.Should().BeTrue();
        _log.ServeCheckpoint(_log.Sign(history, 299));
        await ShouldBeCaught(LogFault.Shrunk);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(599)]
    public async Task A_rewritten_entry_is_caught_and_named(int index)
    {
        _log.Serve(LyingLog.Entries(600));
        (await Look()).Holds.Should().BeTrue();
        var bundle = new LogTile(LogTile.Entries, (ulong)index / 256, index < 512 ? 256 : 600 - 512);
        _log.Replace(bundle, LyingLog.Entries(600, other: index).Store.Read(bundle));
        (await ShouldBeCaught(LogFault.RewrittenEntry)).Message.Should().Contain($"entry {index} ");
    }

    [Fact]
    public async Task A_dropped_receipt_is_caught_by_whoever_holds_it()
    {
        var canonical = Receipt(7).ToBytes();
        var salt = new byte[LogLeaf.SaltSizeBytes];
        var with = new History([.. LyingLog.Entries(7).Leaves, LogLeaf.Of(LogEntryKind.Receipt, 7, salt, canonical)]);
        var file = ReceiptFile.Write(salt, canonical, 7, with.Log.InclusionProof(7, 8), _log.Sign(with));
        ReceiptVerifier.Verify(file, _log.Key).IsValid.Should().BeTrue();
        _log.Serve(with);
        (await Look(receipts: [file])).Holds.Should().BeTrue();

        // The verifier sees nothing wrong with it: the log did sign. The monitor sees that it is gone.
        _seen = null;
        _log.Serve(LyingLog.Entries(9));
        (await ShouldBeCaught(LogFault.DroppedReceipt, receipts: [file])).Message.Should().Contain("rc_dropped");
        _log.Serve(LyingLog.Entries(7));
        await ShouldBeCaught(LogFault.DroppedReceipt, receipts: [file]);
    }

    [Fact]
    public async Task Swapped_roots_are_caught_by_the_monitor_and_the_verifier()
    {
        var history = LyingLog.Entries(300);
        _log.Serve(history);
        _log.ServeCheckpoint(_log.Sign(300, history.Log.RootAt(299)));
        await ShouldBeCaught(LogFault.WrongRoot);
        _log.ServeCheckpoint(_log.Sign(299, history.Log.RootAt(300)));
        await ShouldBeCaught(LogFault.WrongRoot);

        var canonical = Receipt(7).ToBytes();
        var salt = new byte[LogLeaf.SaltSizeBytes];
        var with = new History([.. LyingLog.Entries(7).Leaves, LogLeaf.Of(LogEntryKind.Receipt, 7, salt, canonical)]);
        var swapped = ReceiptFile.Write(salt, canonical, 7, with.Log.InclusionProof(7, 8), _log.Sign(8, with.Log.RootAt(7)));
        ReceiptVerifier.Verify(swapped, _log.Key).Should().BeOfType<InvalidReceipt>().Which.Reason.Should().Contain("vouches for");
    }

    [Theory]
    [InlineData(0, 0, 256)]
    [InlineData(0, 2, 88)]
    [InlineData(1, 0, 2)]
    public async Task A_stale_tile_is_caught(int level, ulong index, int width)
    {
        var tile = new LogTile(level, index, width);
        _log.Serve(LyingLog.Entries(600));
        _log.Replace(tile, LyingLog.Entries(600, other: level == 0 ? (int)(index * 256) : 0).Store.Read(tile));
        await ShouldBeCaught(LogFault.StaleTile);
    }

    [Fact]
    public async Task A_tile_or_a_bundle_that_is_not_served_is_caught_and_named()
    {
        foreach (var tile in new LogTile[] { new(0, 0, 256), new(1, 0, 2), new(LogTile.Entries, 1, 256), new(LogTile.Entries, 2, 88) })
        {
            _log.Serve(LyingLog.Entries(600));
            _log.Replace(tile, null);
            (await ShouldBeCaught(LogFault.MissingTile)).Message.Should().Contain(tile.Path);
        }
    }

    [Fact]
    public async Task A_checkpoint_that_the_log_did_not_sign_is_caught()
    {
        var history = LyingLog.Entries(3);
        _log.Serve(history);
        using var other = new NoteSigner(_log.Signer.Name, Ed25519PrivateKey.FromSeed(new byte[32]));
        _log.ServeCheckpoint(new Checkpoint(other.Name, 3, history.Log.Root).Sign(other));
        await ShouldBeCaught(LogFault.BadCheckpoint);
        _log.ServeCheckpoint("nothing of the kind");
        await ShouldBeCaught(LogFault.BadCheckpoint);
    }

    [Fact]
    public async Task A_log_that_does_not_answer_is_not_called_a_liar()
    {
        await FluentActions.Awaiting(() => Look()).Should().ThrowAsync<LogUnreachableException>();
        using var source = new HttpLogSource("http://127.0.0.1:9/log");
        var monitor = new LogMonitor(_log.Signer.Verifier, source);
        await FluentActions.Awaiting(() => monitor.Look(null, true, [], [], default)).Should().ThrowAsync<LogUnreachableException>();
    }

    [Fact]
    public async Task The_command_remembers_exits_with_1_at_a_lie_and_keeps_both_checkpoints()
    {
        var honest = LyingLog.Entries(300);
        _log.Serve(honest);
        var first = await Monitor("--json");
        first.ExitCode.Should().Be(0, first.Error);
        JsonDocument.Parse(first.Output).RootElement.GetProperty("newSize").GetUInt64().Should().Be(300);

        _log.Serve(LyingLog.Entries(300, other: 9));
        var second = await Monitor("--json");
        second.ExitCode.Should().Be(1, second.Error);
        var found = JsonDocument.Parse(second.Output).RootElement;
        found.GetProperty("fault").GetString().Should().Be("SplitView");
        (await File.ReadAllTextAsync(found.GetProperty("evidence").GetString()!))
            .Should().Contain(_log.Sign(honest)).And.Contain(_log.Sign(LyingLog.Entries(300, other: 9)));

        _log.Serve(honest);
        (await Monitor("--new-only")).ExitCode.Should().Be(0, "a lie is not remembered as the truth");
        (await File.ReadAllTextAsync(_folder.At("state", "checkpoint"))).Should().Be(_log.Sign(honest));
    }

    Task<CommandResult> Monitor(params string[] more) => CommandLine.Run(
        _folder.Path, ["monitor", "--log", _log.Url, "--key", _log.Key, "--state", _folder.At("state"), "--once", .. more]);

    async Task<MonitorReport> ShouldBeCaught(
        LogFault fault, IReadOnlyList<string>? peers = null, IReadOnlyList<byte[]>? receipts = null)
    {
        var seen = _seen;
        var report = await Look(true, peers, receipts);
        report.Fault.Should().Be(fault, report.Message);
        report.State.Should().BeNull();
        report.Evidence.Should().NotBeEmpty();
        _seen = seen;
        return report;
    }

    async Task<MonitorReport> Look(
        bool full = true, IReadOnlyList<string>? peers = null, IReadOnlyList<byte[]>? receipts = null)
    {
        using var source = new HttpLogSource(_log.Url);
        var report = await new LogMonitor(_log.Signer.Verifier, source).Look(_seen, full, peers ?? [], receipts ?? [], default);
        _seen = report.State is { } state ? MonitorState.Parse(state.ToText()) : _seen;
        return report;
    }

    static Receipt Receipt(ulong sequence) => new()
    {
        Sequence = sequence,
        Id = "rc_dropped",
        TimeMs = 1,
        Payer = "ada",
        RequestHash = ContentHash.OfText("request"),
        ResponseHash = ContentHash.OfText("response"),
        ModelId = "md_tiny",
        ModelHash = ContentHash.OfText("model"),
        PromptTokens = 1,
        CompletionTokens = 2,
        Price = Amount.One,
        Split = [new ReceiptSplit("sys_platform", "platform", Amount.One)],
    };
}
