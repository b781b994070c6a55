using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;
using Simulation.Tests.Auditing;
using Simulation.Tests.Disk;
using Simulation.Tests.Sqlite;

namespace Simulation.Tests.Running;

enum RestartKind
{
    /// <summary>The ledger is closed as it should be.</summary>
    Clean,

    /// <summary>The process dies; what it wrote is seen, and what it did not sync is still not synced.</summary>
    Kill,

    /// <summary>The machine stops; what was not synced is there or not.</summary>
    PowerLoss,
}

/// <content>Ends and beginnings.</content>
sealed partial class SimulationRun
{
    // A snapshot is due this often; with tables this small it is seldom that nothing waits to be written, so that few are made.
    const long SnapshotRecords = 9;

    async Task Restart(RestartKind kind)
    {
        await Stop(kind);
        if (!auditor.IsUncertain && auditor.Book.Sequence > 0 && dice.OneIn(2))
        {
            ProbeDamage();
        }
        await Open();
        if (kind != RestartKind.Clean || dice.OneIn(2))
        {
            await Ask(core => auditor.Sample(core, dice));
        }
    }

    async Task Stop(RestartKind kind)
    {
        if (disk.IsOff && kind == RestartKind.Clean)
        {
            kind = RestartKind.PowerLoss;
        }
        PowerLoss? loss = null;
        switch (kind)
        {
            case RestartKind.Clean:
                await Close();
                tally.CleanRestarts++;
                // The power may go, or the process be killed, in the midst of closing.
                if (disk.IsOff)
                {
                    loss = AnyLoss();
                    disk.Restart(loss);
                }
                break;
            case RestartKind.Kill:
                disk.CutPower();
                await Close();
                disk.Restart(null);
                tally.Kills++;
                break;
            default:
                loss = AnyLoss();
                disk.CutPower();
                await Close();
                disk.Restart(loss);
                tally.PowerLosses++;
                break;
        }
        CheckAllClosed("a ledger that was closed");
        trace.Note($"{step} stop: {kind} {loss}");
    }

    // A connection that stays open keeps its locks, and does what it does whenever the collector finds it.
    void CheckAllClosed(string what)
    {
        if (FaultyVfs.OpenFileCount(mount) is var open and > 0)
        {
            throw new AuditException($"{what} left {open} files of the journal open");
        }
    }

    PowerLoss AnyLoss() => (PowerLoss)dice.Below((int)PowerLoss.TornSectors + 1);

    async Task Close()
    {
        var closing = door;
        door = null;
        if (closing is null)
        {
            return;
        }
        var faultsBefore = disk.FaultCount;
        try
        {
            await closing.DisposeAsync();
        }
        catch (Exception exception)
        {
            if (disk.FaultCount == faultsBefore)
            {
                throw new AuditException($"closing failed though nothing else did: {exception}");
            }
        }
    }

    /// <summary>Opens the ledger, again and again while the disk fails it; from the fourth time on it does not.</summary>
    async Task Open()
    {
        for (var attempt = 0; ; attempt++)
        {
            if (attempt >= OpeningsWithFaults)
            {
                disk.Relieve();
            }
            else if (dice.OneIn(8))
            {
                disk.Arm(dice.Pick(faults), dice.Below(8));
            }
            if (await TryOpen())
            {
                return;
            }
            tally.FailedOpenings++;
            if (dice.OneIn(2))
            {
                disk.Relieve();
            }
            if (disk.IsOff || dice.OneIn(2))
            {
                disk.CutPower();
                var loss = dice.OneIn(3) ? default(PowerLoss?) : AnyLoss();
                disk.Restart(loss);
                trace.Note($"{step} opening failed, stopped by {loss}");
            }
        }
    }

    async Task<bool> TryOpen()
    {
        var faultsBefore = disk.FaultCount;
        LedgerCore? core = null;
        try
        {
            core = OpenCore(Uri, disk);
            tally.OpenedFromSnapshot += core.SnapshotSequence > 0 ? 1 : 0;
            auditor.Opened(core);
            var files = disk.Names.Count(name => name.StartsWith("book-", StringComparison.Ordinal));
            trace.Note($"{step} open: record {core.LastSequence} {core.Root}, snapshot {core.SnapshotSequence}, {files} files of the book");
        }
        catch (Exception exception) when (exception is not AuditException)
        {
            core?.Dispose();
            if (disk.FaultCount == faultsBefore)
            {
                throw new AuditException($"the ledger cannot be opened though nothing failed: {exception}");
            }
            CheckAllClosed("an opening that failed");
            trace.Note($"{step} open: failed");
            return false;
        }
        door = options.Door(usesWriter ? new WriterDoor(new LedgerWriter(core)) : new CoreDoor(core));
        await Task.CompletedTask;
        return true;
    }

    LedgerCore OpenCore(string uri, FaultyDisk on)
    {
        var journal = options.Journal(SqliteJournal.Open(uri));
        try
        {
            var settings = usesFiles
                ? new LedgerFileSettings(
                    new DiskLedgerFiles(on), new RecordSizes(SegmentBits: 4, IdsMax: 64), AtOnce: true, SnapshotRecords, 60, 1 << 20)
                : LedgerFileSettings.InMemory();
            return LedgerCore.Open(journal, signer, clock, ids, usesTiles ? new DiskTileStore(on) : null, settings);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The process stands still, another takes the journal over and goes on; then the first one wakes up. Not a word of it may count.
    /// </summary>
    async Task TakeOver()
    {
        disk.Relieve();
        var stale = Door;
        door = null;
        if (!await TryOpen())
        {
            throw new AuditException("a second process cannot open the journal");
        }
        await Commit([workload.Next()]);
        tally.Takeovers++;
        try
        {
            _ = await stale.Commit([workload.Next()]);
            throw new AuditException("a writer that had been overtaken was answered");
        }
        catch (Exception exception) when (exception is JournalFencedException or LedgerPoisonedException)
        {
            trace.Note($"{step} overtaken: {exception.GetType().Name}");
        }
        finally
        {
            await stale.DisposeAsync();
        }
        await Ask(auditor.Verify);
    }

    /// <summary>
    /// Damages a copy of the disk at rest. Opening it must name the damage, or hold everything all the same (what was hit means nothing);
    /// only damage of the write-ahead log may hide as a log that ends earlier, and then a head that was seen must tell.
    /// </summary>
    void ProbeDamage()
    {
        var copy = disk.Copy();
        var files = copy.Names.Where(name => copy.At(name).Length > 0).ToList();
        if (files.Count == 0)
        {
            return;
        }
        var file = dice.Pick(files);
        var what = Damage(copy.At(file));
        var copied = FaultyVfs.Mount(copy);
        try
        {
            var outcome = Judge(copy, FaultyVfs.UriOf(copied, JournalFile), $"{what} of {file}", file == LogFile);
            trace.Note($"{step} {what} of {file}: {outcome}");
        }
        finally
        {
            FaultyVfs.Unmount(copied);
        }
    }

    string Damage(Span<byte> bytes)
    {
        var at = dice.Below(bytes.Length);
        switch (dice.Below(4))
        {
            case 0 or 1:
                var bit = dice.Below(8);
                bytes[at] ^= (byte)(1 << bit);
                return $"bit {bit} of byte {at}";
            case 2:
                bytes[at] ^= (byte)dice.Between(1, 255);
                return $"byte {at}";
            default:
                var sector = at / DiskFile.SectorBytes;
                var from = sector * DiskFile.SectorBytes;
                bytes[from..Math.Min(bytes.Length, from + DiskFile.SectorBytes)].Clear();
                return $"sector {sector} (zeroed)";
        }
    }

    string Judge(FaultyDisk copy, string uri, string damage, bool isWriteAheadLog)
    {
        try
        {
            using var core = OpenCore(uri, copy);
            if (auditor.Difference(core) is not { } difference)
            {
                auditor.Sample(core, dice);
                tally.DamageHarmless++;
                return "harmless";
            }
            if (!isWriteAheadLog || !auditor.IsEarlier(core))
            {
                throw new AuditException($"{damage} was taken for good: {difference}");
            }
        }
        catch (Exception exception) when (
            exception is JournalCorruptException or JournalFileException or LedgerFileException or TileStoreException)
        {
            tally.DamageNamed++;
            return $"named {(exception as JournalCorruptException)?.Sequence}";
        }
        catch (Exception exception) when (exception is not AuditException)
        {
            throw new AuditException($"{damage} was not named: {exception}");
        }
        using var journal = SqliteJournal.Open(uri);
        var (treeSize, root) = auditor.Heads[^1];
        var report = LedgerFsck.Check(journal, new FsckClaims([new CheckpointClaim("a head that was seen", treeSize, root)]));
        if (report.IsSound)
        {
            throw new AuditException($"{damage} cut the log, and fsck does not see it by the head that was seen");
        }
        tally.TailsLostAndNoticed++;
        return "a lost tail, noticed";
    }
}
