using System.Net;
using System.Net.Sockets;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Kills;

/// <summary>
/// A client with one request under way at a time. What it never heard the end of it asks again, with the same ids, before anything new.
/// </summary>
sealed class KillClient(int number, Dice dice)
{
    readonly KillLoad load = new(number, dice);

    /// <summary>Every request that was answered.</summary>
    public List<LedgerRequest> Acknowledged { get; } = [];

    /// <summary>The request whose outcome is unknown.</summary>
    public LedgerRequest? Unknown { get; private set; }

    /// <summary>Heads of the log that it was shown.</summary>
    public List<(ulong TreeSize, ContentHash Root)> Heads { get; } = [];

    /// <summary>Requests that had been written although nobody said so.</summary>
    public int FoundWritten { get; private set; }

    /// <summary>Asks until the connection breaks.</summary>
    /// <param name="answered">Called after each answer.</param>
    /// <exception cref="InvalidOperationException">A request was refused.</exception>
    public async Task Run(int port, Action answered)
    {
        using var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync(IPAddress.Loopback, port);
            using var reader = new StreamReader(connection.GetStream());
            await using var output = new StreamWriter(connection.GetStream()) { AutoFlush = true };
            while (true)
            {
                var isRetry = Unknown is not null;
                var request = Unknown ??= load.Next();
                await output.WriteLineAsync(Wire.Line(WireRequest.Of(request)));
                if (await reader.ReadLineAsync() is not { } line)
                {
                    return;
                }
                Take(request, Wire.Parse<WireReply>(line), isRetry);
                answered();
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The host was killed: what was under way is unknown.
        }
    }

    void Take(LedgerRequest request, WireReply reply, bool isRetry)
    {
        var statuses = reply.Transfers.Select(status => (TransferStatus)status).ToList();
        var stand = statuses.TrueForAll(status => status is TransferStatus.Ok or TransferStatus.Exists);
        if (statuses.Count != request.Transfers.Count || !stand)
        {
            throw new InvalidOperationException($"client {number} was refused: {string.Join(' ', statuses)}");
        }
        if (!isRetry && statuses.Exists(status => status == TransferStatus.Exists))
        {
            throw new InvalidOperationException($"client {number}'s new request is said to exist");
        }
        FoundWritten += isRetry && statuses.TrueForAll(status => status == TransferStatus.Exists) ? 1 : 0;
        Acknowledged.Add(request);
        Unknown = null;
        Heads.Add((reply.TreeSize, ContentHash.Parse(reply.Root)));
    }
}
