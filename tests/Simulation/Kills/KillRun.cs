using System.Diagnostics;
using System.Globalization;
using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace Simulation.Tests.Kills;

/// <summary>What a run of kills saw.</summary>
/// <param name="KilledWhileOpening">Kills that hit a start.</param>
/// <param name="Unknown">Requests that were under way at a kill.</param>
/// <param name="FoundWritten">Of these, those that had been written.</param>
/// <param name="RestartMedianMs">From the process's start to its first listening, its own start included.</param>
sealed record KillReport(
    int Kills, int KilledWhileOpening, long Acknowledged, long Unknown, long FoundWritten, ulong Records, long Transfers, long Receipts,
    ulong LogSize, double RestartMedianMs, double RestartMaxMs, double WallSeconds);

/// <summary>The ledger broke a promise across a kill.</summary>
sealed class KillException(int kill, string what) : Exception($"kill {kill}: {what}");

/// <summary>
/// Starts the host on one data folder again and again, and kills it (SIGKILL) while clients ask over sockets; after each kill the folder is
/// opened and everything that any client was told is looked for.
/// </summary>
sealed class KillRun(string data, ulong seed)
{
    const int ClientCount = 8;

    // Each so many-th kill hits a start.
    const int EveryOpening = 6;

    readonly Dice dice = new(seed);
    readonly List<double> restarts = [];
    readonly List<KillClient> clients = [];
    (ulong TreeSize, ContentHash Root) head;
    int kill;
    int whileOpening;
    long unknown;

    public async Task<KillReport> Run(int kills, Action<string>? progress = null)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < ClientCount; i++)
        {
            clients.Add(new KillClient(i, dice.Fork()));
        }
        var report = new KillReport(kills, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (kill = 1; kill <= kills; kill++)
        {
            await StartAndKill();
            report = Check(report);
            if (kill % 20 == 0)
            {
                progress?.Invoke($"{kill} of {kills} kills, {report.Acknowledged} acknowledged, {report.Unknown} unknown");
            }
        }
        restarts.Sort();
        return report with
        {
            KilledWhileOpening = whileOpening,
            RestartMedianMs = restarts.Count == 0 ? 0 : Math.Round(restarts[restarts.Count / 2], 1),
            RestartMaxMs = restarts.Count == 0 ? 0 : Math.Round(restarts[^1], 1),
            WallSeconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
        };
    }

    async Task StartAndKill()
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "exec", typeof(KillRun).Assembly.Location, "--host", data },
        })!;
        try
        {
            await Expect(process, KillHost.Opening);
            if (kill % EveryOpening == 0)
            {
                whileOpening++;
                Spin();
                return;
            }
            var port = int.Parse((await Expect(process, KillHost.Listening))[KillHost.Listening.Length..], CultureInfo.InvariantCulture);
            restarts.Add(watch.Elapsed.TotalMilliseconds);
            await LoadUntilKilled(process, port);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    async Task LoadUntilKilled(Process process, int port)
    {
        var answers = 0;
        var killAt = dice.Between(1, 300);
        var waiting = clients.Select(client => client.Run(port, () =>
        {
            if (Interlocked.Increment(ref answers) == killAt)
            {
                process.Kill();
            }
        })).ToList();
        await Task.WhenAll(waiting);
        unknown += clients.Count(client => client.Unknown is not null);
    }

    // Not always at the same instruction.
    void Spin()
    {
        for (var i = dice.Below(3_000_000); i > 0; i--)
        {
            Thread.SpinWait(1);
        }
    }

    static async Task<string> Expect(Process process, string beginning)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }
        throw new InvalidOperationException($"the host ended before it said '{beginning}'");
    }

    KillReport Check(KillReport report)
    {
        using var folder = DataFolder.Open(data, IdSource.Secure());
        using var signer = folder.OpenSigner();
        using var core = LedgerCore.Open(folder.OpenJournal(), signer, TimeProvider.System, IdSource.Secure(), folder.OpenTiles());
        Require(core.Audit().Conserved, "money was made or lost");
        var present = 1L;
        foreach (var client in clients)
        {
            foreach (var request in client.Acknowledged)
            {
                Require(CountPresent(core, request) == request.Transfers.Count, "an acknowledged transfer is missing");
                present += request.Transfers.Count;
            }
            if (client.Unknown is { } request2)
            {
                var there = CountPresent(core, request2);
                Require(there == 0 || there == request2.Transfers.Count, "a part of a request happened");
                present += there;
            }
        }
        Require(core.TransferCount == present || core.TransferCount == 0, $"{core.TransferCount} transfers, {present} were asked for");
        CheckGrowth(core);
        CheckReceipts(core);
        return report with
        {
            Acknowledged = clients.Sum(client => (long)client.Acknowledged.Count),
            Unknown = unknown,
            FoundWritten = clients.Sum(client => (long)client.FoundWritten),
            Records = core.LastSequence,
            Transfers = core.TransferCount,
            Receipts = core.ReceiptCount,
            LogSize = core.TreeSize,
        };
    }

    static int CountPresent(LedgerCore core, LedgerRequest request) => request.Transfers.Count(transfer =>
        core.FindTransfer(transfer.Id) is { } entry && entry.PendingId == transfer.PendingId
        && (transfer.Flags != TransferFlags.None || (entry.Debit == transfer.Debit && entry.Amount == transfer.Amount)));

    // Every head that a client was shown since the last kill is one of this log, and each leads to the next.
    void CheckGrowth(LedgerCore core)
    {
        var seen = clients.SelectMany(client => client.Heads).OrderBy(shown => shown.TreeSize).ToList();
        seen.Add((core.TreeSize, core.Root));
        foreach (var next in seen.Where(next => next.TreeSize > 0))
        {
            if (head.TreeSize > 0)
            {
                Require(next.TreeSize >= head.TreeSize && core.TreeSize >= next.TreeSize, "the log shrank");
                var proof = core.ConsistencyProof(head.TreeSize, next.TreeSize);
                Require(
                    Merkle.VerifyConsistency(head.TreeSize, next.TreeSize, proof, head.Root, next.Root),
                    $"the log of {next.TreeSize} entries does not contain the one of {head.TreeSize}");
            }
            head = next;
        }
        clients.ForEach(client => client.Heads.Clear());
    }

    void CheckReceipts(LedgerCore core)
    {
        foreach (var client in clients)
        {
            var receipts = client.Acknowledged.Where(request => request.Receipts.Count > 0).ToList();
            foreach (var request in receipts.TakeLast(2).Concat(receipts.Count > 0 ? [dice.Pick(receipts)] : []))
            {
                var id = Receipt.FromBytes(request.Receipts[0].Canonical).Id;
                Require(ReceiptVerifier.Verify(core.ExportReceipt(id), core.LogKey).IsValid, $"receipt {id} does not prove");
            }
        }
    }

    void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new KillException(kill, what);
        }
    }
}
