using Microsoft.Data.Sqlite;
using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;
using Simulation.Tests.Auditing;
using Simulation.Tests.Disk;
using Simulation.Tests.Sqlite;

namespace Simulation.Tests.Running;

/// <summary>
/// One run: a ledger on a disk that fails, clients that ask and ask again, crashes at any moment, and an auditor that knows every answer.
/// Everything is drawn from the seed.
/// </summary>
sealed partial class SimulationRun : IDisposable
{
    const int OpeningsWithFaults = 3;
    const string JournalFile = "journal.db";
    const string LogFile = "journal.db-wal";

    static readonly Fault[] faults =
    [
        Fault.ErrorBefore, Fault.ErrorAfter, Fault.ErrorPartly, Fault.Full, Fault.PowerBefore, Fault.PowerAfter,
    ];

    readonly ulong seed;
    readonly SimulationOptions options;
    readonly Dice dice;
    readonly FaultyDisk disk;
    readonly string mount;
    readonly SimulatedClock clock = new();
    readonly NoteSigner signer = new("test.example/simulated", Ed25519PrivateKey.FromSeed(new byte[32]));
    readonly IdSource ids;
    readonly Workload workload;
    readonly Auditor auditor = new();
    readonly SimulationTally tally = new() { Runs = 1 };
    readonly Trace trace;
    readonly bool usesWriter;
    readonly bool usesTiles;
    readonly bool usesFiles;
    ILedgerDoor? door;
    int step;

    SimulationRun(ulong seed, SimulationOptions options, Action<string>? listener)
    {
        this.seed = seed;
        this.options = options;
        dice = new Dice(seed);
        disk = new FaultyDisk(dice.Fork()) { LiesAboutSync = options.DiskLiesAboutSync, Listener = listener };
        mount = FaultyVfs.Mount(disk);
        ids = IdSource.FromSeed(seed, "salts");
        workload = new Workload(dice.Fork(), isBulky: dice.OneIn(12));
        usesWriter = dice.OneIn(4);
        usesFiles = dice.OneIn(2);
        usesTiles = usesFiles || dice.OneIn(2);
        trace = new Trace(listener);
    }

    ILedgerDoor Door => door ?? throw new InvalidOperationException("the ledger is not open");

    /// <summary>Runs a seed.</summary>
    /// <exception cref="SimulationFailedException">The ledger did what it must not do.</exception>
    public static async Task<SimulationResult> Run(ulong seed, SimulationOptions options, Action<string>? listener = null)
    {
        using var run = new SimulationRun(seed, options, listener);
        try
        {
            await run.Play();
            return new SimulationResult(seed, run.tally, run.trace.Hash());
        }
        catch (Exception exception)
        {
            throw new SimulationFailedException(seed, run.step, exception, run.trace.Last);
        }
        finally
        {
            await run.Abandon();
        }
    }

    public void Dispose()
    {
        FaultyVfs.Unmount(mount);
        signer.Dispose();
        trace.Dispose();
    }

    async Task Play()
    {
        await Open();
        while (auditor.Book.Accounts.Count == 0)
        {
            await Commit([Workload.Genesis]);
        }
        // Some runs are long enough to fill tiles of the log, and the write-ahead log until SQLite empties it by itself.
        var steps = options.Steps * (dice.OneIn(16) ? 5 : 1);
        for (step = 1; step <= steps; step++)
        {
            var moved = clock.Step(dice);
            if (disk.IsOff)
            {
                await Restart(AnyCrash());
            }
            await Step(dice.Below(100), moved);
        }
        disk.Relieve();
        await Restart(RestartKind.Clean);
        for (var i = 0; i < 5; i++)
        {
            await Commit([workload.Next()]);
        }
        await Ask(core =>
        {
            foreach (var (id, receipt) in auditor.Book.Receipts)
            {
                auditor.RequireReceipt(core, id, receipt);
            }
        });
        await Finish();
        tally.TransfersStanding = auditor.Book.Transfers.Count;
        tally.ReceiptsStanding = auditor.Book.Receipts.Count;
        (tally.UnknownWritten, tally.UnknownNotWritten) = auditor.Unknown;
        foreach (var ((operation, fault), count) in disk.Tally)
        {
            tally.Faults[$"{operation} {fault}"] = count;
        }
    }

    async Task Step(int roll, string moved)
    {
        switch (roll)
        {
            case < 64:
                await Commit(Group());
                break;
            case < 67:
                await Refuse(workload.Malformed());
                break;
            case < 72:
                await Sample();
                break;
            case < 80:
                var fault = dice.Pick(faults);
                var after = dice.Below(dice.OneIn(3) ? 60 : 14);
                trace.Note($"{step} clock {moved}: {fault} after {after} changes");
                disk.Arm(fault, after);
                break;
            case < 82:
                disk.ArmRead(dice.Below(20));
                break;
            case < 87:
                await Restart(RestartKind.Clean);
                break;
            case < 90:
                await Restart(RestartKind.Kill);
                break;
            case < 95:
                await Restart(RestartKind.PowerLoss);
                break;
            case < 97:
                await TakeOver();
                break;
            default:
                CheckpointFromElsewhere();
                break;
        }
    }

    List<LedgerRequest> Group()
    {
        var group = new List<LedgerRequest>();
        for (var i = dice.OneIn(4) ? dice.Between(2, 5) : 1; i > 0; i--)
        {
            group.Add(workload.Next());
        }
        return group;
    }

    async Task Commit(IReadOnlyList<LedgerRequest> requests)
    {
        var nowNs = clock.NowNs;
        var faultsBefore = disk.FaultCount;
        IReadOnlyList<LedgerReply> replies;
        try
        {
            replies = await Door.Commit(requests);
        }
        catch (Exception exception)
        {
            if (disk.FaultCount == faultsBefore)
            {
                throw new AuditException($"a commit failed though nothing else did: {exception}");
            }
            auditor.Failed(requests, nowNs);
            trace.Note($"{step} commit of {requests.Count}: outcome unknown");
            await RequirePoisoned();
            await Restart(disk.IsOff || dice.OneIn(2) ? AnyCrash() : RestartKind.Clean);
            return;
        }
        auditor.Answered(requests, replies, nowNs);
        tally.Records++;
        tally.Requests += requests.Count;
        await Ask(core =>
        {
            auditor.Seen(core);
            trace.Note($"{step} commit of {requests.Count}: {string.Join(' ', replies.SelectMany(reply => reply.Transfers))} {core.Root}");
        });
    }

    RestartKind AnyCrash() => dice.OneIn(3) ? RestartKind.Kill : RestartKind.PowerLoss;

    async Task RequirePoisoned()
    {
        try
        {
            _ = await Door.Commit([new LedgerRequest()]);
        }
        catch (LedgerPoisonedException)
        {
            return;
        }
        catch (Exception exception)
        {
            throw new AuditException($"a ledger whose last write failed took another request: {exception}");
        }
        throw new AuditException("a ledger whose last write failed answered another request");
    }

    async Task Refuse(LedgerRequest malformed)
    {
        try
        {
            _ = await Door.Commit([malformed]);
        }
        catch (LedgerRequestException)
        {
            trace.Note($"{step} malformed: refused");
            await Ask(auditor.Verify);
            return;
        }
        throw new AuditException("a malformed request was taken");
    }

    Task Sample() => Ask(core =>
    {
        auditor.Sample(core, dice);
        if (usesTiles)
        {
            // As a silo publishes the head of its log, now and then.
            new DiskTileStore(disk).WriteCheckpoint(core.TreeSize, core.SignedCheckpoint());
        }
        trace.Note($"{step} sample: {core.SignedCheckpoint().Length}");
    });

    // A question is about memory and the journal's pages: the disk may fail it, and then it says nothing.
    async Task Ask(Action<LedgerCore> question)
    {
        var faultsBefore = disk.FaultCount;
        try
        {
            _ = await Door.Ask(core =>
            {
                question(core);
                return true;
            });
        }
        catch (Exception exception) when (exception is not AuditException)
        {
            if (disk.FaultCount == faultsBefore)
            {
                throw new AuditException($"a question failed though nothing else did: {exception}");
            }
            trace.Note($"{step} question: failed");
            await Restart(disk.IsOff ? AnyCrash() : RestartKind.Clean);
        }
    }

    /// <summary>Another process has opened the same journal, as a tool would, and copies the write-ahead log into the file.</summary>
    void CheckpointFromElsewhere()
    {
        var mode = dice.Pick<string>(["PASSIVE", "FULL", "TRUNCATE"]);
        var faultsBefore = disk.FaultCount;
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = Uri, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA wal_checkpoint({mode})";
            using var reader = command.ExecuteReader();
            trace.Note($"{step} checkpoint {mode}: {(reader.Read() ? reader.GetInt64(0) : -1)}");
        }
        catch (SqliteException) when (disk.FaultCount > faultsBefore)
        {
            trace.Note($"{step} checkpoint {mode}: failed");
        }
    }

    string Uri => FaultyVfs.UriOf(mount, JournalFile);

    async Task Finish()
    {
        disk.Relieve();
        await Close();
        using var journal = SqliteJournal.Open(Uri);
        var claims = auditor.Heads.Select(head => new CheckpointClaim("a head that was seen", head.TreeSize, head.Root)).ToList();
        var report = LedgerFsck.Check(journal, new FsckClaims(claims, usesTiles ? new DiskTileStore(disk) : null));
        if (!report.IsSound || report.CheckpointsAgreed != claims.Count || report.TreeSize != auditor.Book.TreeSize)
        {
            throw new AuditException($"fsck finds {report} {string.Join("; ", report.Problems)}");
        }
        trace.Note($"end {report.Root}");
    }

    async Task Abandon()
    {
        try
        {
            disk.CutPower();
            await Close();
        }
        catch (Exception exception) when (exception is not AuditException)
        {
            trace.Note($"{step} closing after the run: {exception.GetType().Name}");
        }
    }
}
