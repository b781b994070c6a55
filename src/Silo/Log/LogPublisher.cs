using Microsoft.Extensions.Logging;
using OpenLedger.Ledger;
using OpenLedger.Silo.Configuration;

namespace OpenLedger.Silo.Log;

/// <summary>
/// Publishes the log of an open book while it is open: writes the tiles of the present size, then asks the witnesses, then puts the
/// checkpoint with their cosignatures in place of the one before. Ends by itself when the writer closes or its journal is lost.
/// </summary>
sealed class LogPublisher : IDisposable
{
    /// <summary>A witness that failed is asked again after this long, where the log has not grown meanwhile.</summary>
    static readonly TimeSpan retryAfter = TimeSpan.FromSeconds(30);

    readonly LedgerWriter _writer;
    readonly ITileStore _tiles;
    readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        // Each witness has its own time limit.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    readonly WitnessClient[] _witnesses;
    readonly TimeSpan _interval;
    readonly TimeProvider _clock;
    readonly ILogger _logger;

    LogPublisher(LedgerWriter writer, ITileStore tiles, LogOptions options, TimeProvider clock, ILogger logger)
    {
        _writer = writer;
        _tiles = tiles;
        _interval = TimeSpan.FromMilliseconds(options.CheckpointMs);
        _clock = clock;
        _logger = logger;
        var source = new StoredLogSource(tiles);
        var timeout = TimeSpan.FromMilliseconds(options.WitnessTimeoutMs);
        _witnesses = [.. options.Witnesses.Select(witness => new WitnessClient(_http, witness, timeout, source, clock))];
    }

    /// <summary>Begins to publish the log of a writer.</summary>
    public static void Start(LedgerWriter writer, ITileStore tiles, LogOptions options, TimeProvider clock, ILogger logger) =>
        _ = Task.Run(() => new LogPublisher(writer, tiles, options, clock, logger).Run());

    public void Dispose() => _http.Dispose();

    async Task Run()
    {
        using var self = this;
        using var timer = new PeriodicTimer(_interval, _clock);
        ulong? published = null;
        long? failed = null;
        do
        {
            try
            {
                var head = await _writer.ReadAsync(core => core.Head());

                if (published != head.TreeSize || (failed is { } since && _clock.GetElapsedTime(since) >= retryAfter))
                {
                    failed = await Publish(head) ? null : _clock.GetTimestamp();
                    published = head.TreeSize;
                }
            }
            catch (Exception exception) when (exception is ObjectDisposedException or LedgerPoisonedException or JournalFencedException)
            {
                // The book is closed, or another silo keeps it: whoever opens it publishes.
                return;
            }
            catch (Exception exception)
            {
                // Nothing that goes wrong with one checkpoint may end the publishing of the next.
                LogLines.NotPublished(_logger, exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync());
    }

    async Task<bool> Publish(LogHead head)
    {
        _tiles.Write(head.PartialTiles);
        _tiles.Flush();
        var answers = await Task.WhenAll(_witnesses.Select(async witness => (witness.Name, Answer: await witness.Cosign(head, default))));
        var note = head.Note + string.Concat(answers.Select(each => each.Answer.Line));
        if (note != head.Note)
        {
            await _writer.ReadAsync(core =>
            {
                core.UseCosigned(head.TreeSize, note);
                return true;
            });
        }

        _tiles.WriteCheckpoint(head.TreeSize, note);
        foreach (var (name, answer) in answers)
        {
            if (answer.Problem is { } problem)
            {
                LogLines.NotCosigned(_logger, name, head.TreeSize, problem);
            }
        }

        return answers.All(each => each.Answer.Line is not null);
    }
}

/// <summary>What the publisher has to say to an operator.</summary>
static partial class LogLines
{
    [LoggerMessage(1, LogLevel.Warning, "The log's checkpoint was not published: {Problem}")]
    public static partial void NotPublished(ILogger logger, string problem);

    [LoggerMessage(2, LogLevel.Warning, "Witness {Witness} did not cosign the checkpoint of {TreeSize} entries: {Problem}")]
    public static partial void NotCosigned(ILogger logger, string witness, ulong treeSize, string problem);
}
