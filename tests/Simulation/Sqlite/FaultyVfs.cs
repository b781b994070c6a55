using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Simulation.Tests.Disk;

namespace Simulation.Tests.Sqlite;

/// <summary>
/// A file system of SQLite's ("VFS") whose files lie on <see cref="FaultyDisk"/>s: the product's own journal, with its own settings, runs
/// on it by nothing but the name of its file. WAL's shared memory is that of the process, and gone after a crash.
/// </summary>
static unsafe class FaultyVfs
{
    const string Name = "openledger-faulty";
    const int PathLengthMax = 256;
    const int OpenCreate = 0x4;
    const int OpenMainJournal = 0x800;
    const int OpenSuperJournal = 0x4000;
    const int OpenLog = 0x80000;
    const int PowersafeOverwrite = 0x1000;

    // What SQLite takes a disk's sector to be on Unix; the disk itself tears smaller ones.
    const int SectorSizeBytes = 4096;

    static readonly ConcurrentDictionary<string, FaultyDisk> disks = new(StringComparer.Ordinal);
    static readonly ConcurrentDictionary<string, SharedState> states = new(StringComparer.Ordinal);
    static NativeMethods* methods;
    static int registered;
    static long mounts;

    /// <summary>Makes a disk's files open to SQLite, under names that <see cref="UriOf"/> gives.</summary>
    public static string Mount(FaultyDisk disk)
    {
        if (Interlocked.Exchange(ref registered, 1) == 0)
        {
            SQLitePCL.Batteries_V2.Init();
            RegisterOnce();
        }
        while (methods == null)
        {
            _ = Thread.Yield();
        }
        var mount = Interlocked.Increment(ref mounts).ToString(System.Globalization.CultureInfo.InvariantCulture);
        disks[mount] = disk;
        return mount;
    }

    public static void Unmount(string mount)
    {
        _ = disks.TryRemove(mount, out _);
        foreach (var path in states.Keys.Where(path => IsOn(mount, path)))
        {
            _ = states.TryRemove(path, out _);
        }
    }

    /// <summary>Files of a mounted disk that some connection still has open.</summary>
    public static int OpenFileCount(string mount) => states.Where(pair => IsOn(mount, pair.Key)).Sum(pair => pair.Value.OpenCount);

    static bool IsOn(string mount, string path) => path.StartsWith($"/{mount}/", StringComparison.Ordinal);

    /// <summary>What a connection opens for a file of a mounted disk.</summary>
    public static string UriOf(string mount, string file) => $"file:/{mount}/{file}?vfs={Name}";

    static void RegisterOnce()
    {
        var vfs = (NativeVfs*)NativeMemory.AllocZeroed((nuint)sizeof(NativeVfs));
        vfs->Version = 2;
        vfs->FileSizeBytes = sizeof(NativeFile);
        vfs->PathLengthMax = PathLengthMax;
        vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        vfs->Open = &Open;
        vfs->Delete = &Delete;
        vfs->Access = &Access;
        vfs->FullPathname = &FullPathname;
        vfs->Randomness = &Randomness;
        vfs->Sleep = &Sleep;
        vfs->CurrentTime = &CurrentTime;
        vfs->LastError = &LastError;
        vfs->CurrentTimeMs = &CurrentTimeMs;
        var table = (NativeMethods*)NativeMemory.AllocZeroed((nuint)sizeof(NativeMethods));
        table->Version = 2;
        table->Close = &Close;
        table->Read = &Read;
        table->Write = &Write;
        table->Truncate = &Truncate;
        table->Sync = &Sync;
        table->FileSize = &FileSize;
        table->Lock = &Lock;
        table->Unlock = &Unlock;
        table->CheckReservedLock = &CheckReservedLock;
        table->FileControl = &FileControl;
        table->SectorSize = &SectorSize;
        table->DeviceCharacteristics = &DeviceCharacteristics;
        table->ShmMap = &ShmMap;
        table->ShmLock = &ShmLock;
        table->ShmBarrier = &ShmBarrier;
        table->ShmUnmap = &ShmUnmap;
        if (NativeSqlite.Register(vfs, 0) != SqliteCode.Ok)
        {
            throw new InvalidOperationException("SQLite does not take the file system");
        }
        methods = table;
    }

    static (FaultyDisk Disk, string File) Find(byte* path)
    {
        var text = Marshal.PtrToStringUTF8((nint)path)!;
        var parts = text.Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2 && disks.TryGetValue(parts[0], out var disk)
            ? (disk, parts[1]) : throw new IOException($"no disk holds '{text}'");
    }

    static OpenFile FileOf(NativeFile* file) => (OpenFile)GCHandle.FromIntPtr(file->Handle).Target!;

    // No exception may pass through native code: what failed becomes a code.
    static int Guarded(int failure, Func<int> action)
    {
        try
        {
            return action();
        }
        catch (DiskFaultException exception)
        {
            return exception.Fault == Fault.Full ? SqliteCode.Full : failure;
        }
        catch (Exception)
        {
            return failure;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Open(NativeVfs* vfs, byte* path, NativeFile* file, int flags, int* outFlags)
    {
        file->Methods = null;
        return Guarded(SqliteCode.CannotOpen, () =>
        {
            if (path == null)
            {
                return SqliteCode.CannotOpen;
            }
            var (disk, name) = Find(path);
            if (disk.Open(name, (flags & OpenCreate) != 0) is not { } opened)
            {
                return SqliteCode.CannotOpen;
            }
            var key = Marshal.PtrToStringUTF8((nint)path)!;
            var state = states.GetOrAdd(key, _ => new SharedState());
            file->Handle = GCHandle.ToIntPtr(GCHandle.Alloc(new OpenFile(disk, opened, state) { SyncsDirectory = SyncsDirectory(flags) }));
            file->Methods = methods;
            if (outFlags != null)
            {
                *outFlags = flags;
            }
            return SqliteCode.Ok;
        });
    }

    // As SQLite does on Unix: the first sync of a journal or a write-ahead log that a connection may have made syncs the directory too.
    static bool SyncsDirectory(int flags) =>
        (flags & OpenCreate) != 0 && (flags & (OpenMainJournal | OpenSuperJournal | OpenLog)) != 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Delete(NativeVfs* vfs, byte* path, int syncDirectory) => Guarded(SqliteCode.DeleteError, () =>
    {
        var (disk, name) = Find(path);
        disk.Delete(name, syncDirectory != 0);
        return SqliteCode.Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Access(NativeVfs* vfs, byte* path, int flags, int* result) => Guarded(SqliteCode.IoError, () =>
    {
        var (disk, name) = Find(path);
        // As SQLite does on Unix: an empty file counts as missing.
        *result = disk.Exists(name) && disk.At(name).Length > 0 ? 1 : 0;
        return SqliteCode.Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int FullPathname(NativeVfs* vfs, byte* path, int size, byte* full)
    {
        var text = Encoding.UTF8.GetBytes(Marshal.PtrToStringUTF8((nint)path)!);
        if (text.Length + 1 > size)
        {
            return SqliteCode.CannotOpen;
        }
        text.CopyTo(new Span<byte>(full, size));
        full[text.Length] = 0;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Randomness(NativeVfs* vfs, int size, byte* bytes)
    {
        new Span<byte>(bytes, size).Fill(7);
        return size;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Sleep(NativeVfs* vfs, int microseconds) => microseconds;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int CurrentTime(NativeVfs* vfs, double* days)
    {
        *days = 2_461_000;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int CurrentTimeMs(NativeVfs* vfs, long* milliseconds)
    {
        *milliseconds = 2_461_000L * 86_400_000;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int LastError(NativeVfs* vfs, int size, byte* text) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Close(NativeFile* file)
    {
        FileOf(file).Close();
        GCHandle.FromIntPtr(file->Handle).Free();
        file->Methods = null;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Read(NativeFile* file, byte* into, int count, long offset) => Guarded(SqliteCode.ReadError, () =>
    {
        var open = FileOf(file);
        return open.Disk.Read(open.File, offset, new Span<byte>(into, count)) == count ? SqliteCode.Ok : SqliteCode.ShortRead;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Write(NativeFile* file, byte* data, int count, long offset) => Guarded(SqliteCode.WriteError, () =>
    {
        var open = FileOf(file);
        open.Disk.Write(open.File, offset, new ReadOnlySpan<byte>(data, count));
        return SqliteCode.Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Truncate(NativeFile* file, long size) => Guarded(SqliteCode.TruncateError, () =>
    {
        var open = FileOf(file);
        open.Disk.Truncate(open.File, size);
        return SqliteCode.Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Sync(NativeFile* file, int flags) => Guarded(SqliteCode.SyncError, () =>
    {
        var open = FileOf(file);
        open.Disk.Sync(open.File, open.SyncsDirectory);
        open.SyncsDirectory = false;
        return SqliteCode.Ok;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int FileSize(NativeFile* file, long* size)
    {
        *size = FileOf(file).File.Length;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Lock(NativeFile* file, int level) => FileOf(file).Lock(level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Unlock(NativeFile* file, int level) => FileOf(file).Unlock(level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int CheckReservedLock(NativeFile* file, int* result)
    {
        *result = FileOf(file).IsReserved() ? 1 : 0;
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int FileControl(NativeFile* file, int operation, void* argument) => SqliteCode.NotFound;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int SectorSize(NativeFile* file) => SectorSizeBytes;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int DeviceCharacteristics(NativeFile* file) => PowersafeOverwrite;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int ShmMap(NativeFile* file, int region, int size, int extend, void** address)
    {
        *address = FileOf(file).Map(region, size, extend != 0);
        return SqliteCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int ShmLock(NativeFile* file, int offset, int count, int flags) => FileOf(file).LockShared(offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void ShmBarrier(NativeFile* file) => Interlocked.MemoryBarrier();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int ShmUnmap(NativeFile* file, int delete)
    {
        FileOf(file).Unmap();
        return SqliteCode.Ok;
    }
}
