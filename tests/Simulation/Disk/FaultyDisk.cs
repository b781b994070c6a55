namespace Simulation.Tests.Disk;

/// <summary>An operation fails, as it was planned to.</summary>
sealed class DiskFaultException(DiskOperation operation, Fault fault) : IOException($"the disk failed: {operation}, {fault}")
{
    public DiskOperation Operation { get; } = operation;

    public Fault Fault { get; } = fault;
}

/// <summary>
/// A disk in memory that keeps only what was synced, and fails where it is told to. Names of files are durable once the directory is
/// synced, with a file, a deletion or by itself. Safe for several threads.
/// </summary>
sealed class FaultyDisk
{
    readonly Lock gate = new();
    readonly Dice dice;
    Dictionary<string, DiskFile> names = new(StringComparer.Ordinal);
    Dictionary<string, DiskFile> durableNames = new(StringComparer.Ordinal);
    int armedIn = -1;
    int readArmedIn = -1;
    Fault armed;

    public FaultyDisk(Dice dice)
    {
        this.dice = dice;
    }

    /// <summary>Told of every operation that changes something.</summary>
    public Action<string>? Listener { get; set; }

    /// <summary>A disk that says that it synced and did not: to show that the simulation notices.</summary>
    public bool LiesAboutSync { get; init; }

    /// <summary>The power is off: every operation fails and does nothing.</summary>
    public bool IsOff { get; private set; }

    /// <summary>No file grows.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Faults that have happened; operations that failed because the power is off or the disk full count as well.</summary>
    public int FaultCount { get; private set; }

    /// <summary>Operations that changed something.</summary>
    public int OperationCount { get; private set; }

    /// <summary>Faults that have happened, by operation and kind.</summary>
    public Dictionary<(DiskOperation, Fault), int> Tally { get; } = [];

    /// <summary>Plans a fault: it hits after so many more changes.</summary>
    public void Arm(Fault fault, int afterChanges)
    {
        lock (gate)
        {
            (armed, armedIn) = (fault, afterChanges);
        }
    }

    /// <summary>Plans an error of a read: it hits after so many more reads.</summary>
    public void ArmRead(int afterReads)
    {
        lock (gate)
        {
            readArmedIn = afterReads;
        }
    }

    /// <summary>Forgets what is planned, and has room again.</summary>
    public void Relieve()
    {
        lock (gate)
        {
            (armed, armedIn, readArmedIn, IsFull) = (Fault.None, -1, -1, false);
        }
    }

    /// <summary>The power goes, now.</summary>
    public void CutPower()
    {
        lock (gate)
        {
            IsOff = true;
        }
    }

    /// <summary>
    /// Starts after the power went: what was not synced is kept or lost as the loss says. Null starts after the process alone has died:
    /// everything that was written is seen, and what was not synced still is not.
    /// </summary>
    public void Restart(PowerLoss? loss)
    {
        lock (gate)
        {
            IsOff = false;
            if (loss is not { } powerLoss)
            {
                return;
            }
            var after = new Dictionary<string, DiskFile>(StringComparer.Ordinal);
            foreach (var name in names.Keys.Union(durableNames.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                // A name whose making or deletion was not synced may be there or not.
                var changed = names.GetValueOrDefault(name) != durableNames.GetValueOrDefault(name);
                var kept = !changed || powerLoss == PowerLoss.Nothing || (powerLoss != PowerLoss.Everything && dice.OneIn(2))
                    ? durableNames : names;
                if (kept.TryGetValue(name, out var file))
                {
                    after[name] = file;
                }
            }
            foreach (var (_, file) in after.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                file.LosePower(powerLoss, dice);
            }
            names = after;
            durableNames = new(after, StringComparer.Ordinal);
        }
    }

    /// <summary>A disk with the same files at rest.</summary>
    public FaultyDisk Copy()
    {
        lock (gate)
        {
            var copy = new FaultyDisk(dice.Fork());
            foreach (var (name, file) in names)
            {
                copy.names[name] = file.Copy();
            }
            copy.durableNames = new(copy.names, StringComparer.Ordinal);
            return copy;
        }
    }

    /// <summary>Names of the files, in order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
            {
                return [.. names.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A file as it is seen, for damaging it at rest.</summary>
    public Span<byte> At(string name)
    {
        lock (gate)
        {
            return names[name].Seen;
        }
    }

    public bool Exists(string name)
    {
        lock (gate)
        {
            Check(DiskOperation.Read);
            return names.ContainsKey(name);
        }
    }

    /// <summary>Opens a file, making it where it may be made; null where there is none.</summary>
    public DiskFile? Open(string name, bool create)
    {
        lock (gate)
        {
            Check(DiskOperation.Read);
            if (names.TryGetValue(name, out var file) || !create)
            {
                return file;
            }
            var made = new DiskFile();
            Change(DiskOperation.Create, name, 0, () => names[name] = made, null);
            return made;
        }
    }

    public void Delete(string name, bool syncDirectory)
    {
        lock (gate)
        {
            Change(
                DiskOperation.Delete,
                name,
                0,
                () =>
                {
                    _ = names.Remove(name);
                    if (syncDirectory)
                    {
                        durableNames = new(names, StringComparer.Ordinal);
                    }
                },
                null);
        }
    }

    /// <summary>
    /// Writes a file beside and gives it its name, in place of the one that had it, which stays readable for whoever has it open.
    /// </summary>
    public void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        var incoming = name + ".new";
        lock (gate)
        {
            var file = new DiskFile();
            Change(DiskOperation.Create, incoming, 0, () => names[incoming] = file, null);
            Write(file, 0, bytes);
            Change(
                DiskOperation.Create,
                name,
                0,
                () =>
                {
                    _ = names.Remove(incoming);
                    names[name] = file;
                },
                null);
        }
    }

    /// <summary>Syncs files, and the directory, so that their names are durable too.</summary>
    public void SyncAll(IEnumerable<string> files)
    {
        lock (gate)
        {
            foreach (var name in files.Where(names.ContainsKey))
            {
                Sync(names[name]);
            }
            Change(
                DiskOperation.Sync,
                "(directory)",
                0,
                () => durableNames = LiesAboutSync ? durableNames : new(names, StringComparer.Ordinal),
                null);
        }
    }

    /// <summary>All bytes of a file, or null.</summary>
    public byte[]? ReadAll(string name)
    {
        lock (gate)
        {
            if (Open(name, create: false) is not { } file)
            {
                return null;
            }
            var bytes = GC.AllocateUninitializedArray<byte>(file.Length, pinned: true);
            _ = Read(file, 0, bytes);
            return bytes;
        }
    }

    /// <summary>Reads what is there and gives its length; zeros behind it.</summary>
    public int Read(DiskFile file, long offset, Span<byte> into)
    {
        lock (gate)
        {
            Check(DiskOperation.Read);
            if (readArmedIn >= 0 && readArmedIn-- == 0)
            {
                throw Failed(DiskOperation.Read, Fault.ErrorBefore);
            }
            var available = (int)Math.Clamp(file.Length - offset, 0, into.Length);
            if (available > 0)
            {
                file.Seen.Slice((int)offset, available).CopyTo(into);
            }
            into[available..].Clear();
            return available;
        }
    }

    public void Write(DiskFile file, long offset, ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            var bytes = data.ToArray();
            var grows = (int)Math.Max(0, offset + data.Length - file.Length);
            Change(
                DiskOperation.Write,
                file,
                grows,
                () => file.Write(checked((int)offset), bytes),
                () => file.Write(checked((int)offset), bytes.AsSpan(0, dice.Below(bytes.Length + 1))));
        }
    }

    public void Truncate(DiskFile file, long length)
    {
        lock (gate)
        {
            Change(DiskOperation.Truncate, file, 0, () => file.Truncate(checked((int)length)), null);
        }
    }

    /// <summary>Syncs a file, and the directory with it where that is asked for.</summary>
    public void Sync(DiskFile file, bool directory = false)
    {
        lock (gate)
        {
            Change(
                DiskOperation.Sync,
                file,
                0,
                () =>
                {
                    if (!LiesAboutSync)
                    {
                        file.Sync();
                        durableNames = directory ? new(names, StringComparer.Ordinal) : durableNames;
                    }
                },
                file.LoseUnsynced);
        }
    }

    void Change(DiskOperation operation, DiskFile file, int grows, Action whole, Action? part) =>
        Change(operation, names.FirstOrDefault(pair => pair.Value == file).Key ?? "(deleted)", grows, whole, part);

    void Change(DiskOperation operation, string name, int grows, Action whole, Action? part)
    {
        Check(operation);
        OperationCount++;
        if (IsFull && grows > 0)
        {
            throw Failed(operation, Fault.Full);
        }
        var fault = armedIn >= 0 && armedIn-- == 0 ? armed : Fault.None;
        Listener?.Invoke($"    {operation} {name} {fault}");
        switch (fault)
        {
            case Fault.None:
                whole();
                return;
            case Fault.ErrorAfter or Fault.PowerAfter:
                whole();
                break;
            case Fault.ErrorPartly:
                part?.Invoke();
                break;
            case Fault.Full when grows == 0:
                // Nothing grew: the next write that does will fail.
                IsFull = true;
                whole();
                return;
            case Fault.Full:
                IsFull = true;
                break;
        }
        IsOff = fault is Fault.PowerBefore or Fault.PowerAfter;
        throw Failed(operation, fault);
    }

    void Check(DiskOperation operation)
    {
        if (IsOff)
        {
            FaultCount++;
            throw new DiskFaultException(operation, Fault.PowerBefore);
        }
    }

    DiskFaultException Failed(DiskOperation operation, Fault fault)
    {
        FaultCount++;
        Tally[(operation, fault)] = Tally.GetValueOrDefault((operation, fault)) + 1;
        return new DiskFaultException(operation, fault);
    }
}
