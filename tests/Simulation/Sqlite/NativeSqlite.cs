using System.Runtime.InteropServices;

namespace Simulation.Tests.Sqlite;

/// <summary>SQLite's result codes that the disk answers with (sqlite.org/rescode.html).</summary>
static class SqliteCode
{
    public const int Ok = 0;
    public const int Busy = 5;
    public const int IoError = 10;
    public const int NotFound = 12;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int ReadError = IoError | (1 << 8);
    public const int ShortRead = IoError | (2 << 8);
    public const int WriteError = IoError | (3 << 8);
    public const int SyncError = IoError | (4 << 8);
    public const int TruncateError = IoError | (6 << 8);
    public const int DeleteError = IoError | (10 << 8);
}

/// <summary><c>sqlite3_vfs</c>, version 2 (sqlite.org/c3ref/vfs.html).</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeVfs
{
    public int Version;
    public int FileSizeBytes;
    public int PathLengthMax;
    public NativeVfs* Next;
    public byte* Name;
    public void* Data;
    public delegate* unmanaged[Cdecl]<NativeVfs*, byte*, NativeFile*, int, int*, int> Open;
    public delegate* unmanaged[Cdecl]<NativeVfs*, byte*, int, int> Delete;
    public delegate* unmanaged[Cdecl]<NativeVfs*, byte*, int, int*, int> Access;
    public delegate* unmanaged[Cdecl]<NativeVfs*, byte*, int, byte*, int> FullPathname;
    public void* DlOpen;
    public void* DlError;
    public void* DlSym;
    public void* DlClose;
    public delegate* unmanaged[Cdecl]<NativeVfs*, int, byte*, int> Randomness;
    public delegate* unmanaged[Cdecl]<NativeVfs*, int, int> Sleep;
    public delegate* unmanaged[Cdecl]<NativeVfs*, double*, int> CurrentTime;
    public delegate* unmanaged[Cdecl]<NativeVfs*, int, byte*, int> LastError;
    public delegate* unmanaged[Cdecl]<NativeVfs*, long*, int> CurrentTimeMs;
}

/// <summary><c>sqlite3_file</c>, with what is ours behind it.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeFile
{
    public NativeMethods* Methods;
    public nint Handle;
}

/// <summary><c>sqlite3_io_methods</c>, version 2: shared memory, no memory mapping (sqlite.org/c3ref/io_methods.html).</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeMethods
{
    public int Version;
    public delegate* unmanaged[Cdecl]<NativeFile*, int> Close;
    public delegate* unmanaged[Cdecl]<NativeFile*, byte*, int, long, int> Read;
    public delegate* unmanaged[Cdecl]<NativeFile*, byte*, int, long, int> Write;
    public delegate* unmanaged[Cdecl]<NativeFile*, long, int> Truncate;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int> Sync;
    public delegate* unmanaged[Cdecl]<NativeFile*, long*, int> FileSize;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int> Lock;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int> Unlock;
    public delegate* unmanaged[Cdecl]<NativeFile*, int*, int> CheckReservedLock;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, void*, int> FileControl;
    public delegate* unmanaged[Cdecl]<NativeFile*, int> SectorSize;
    public delegate* unmanaged[Cdecl]<NativeFile*, int> DeviceCharacteristics;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int, int, void**, int> ShmMap;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int, int, int> ShmLock;
    public delegate* unmanaged[Cdecl]<NativeFile*, void> ShmBarrier;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int> ShmUnmap;
}

/// <summary>The functions of the library that the product's SQLite comes from.</summary>
static unsafe class NativeSqlite
{
    const string Library = "e_sqlite3";

    [DllImport(Library, EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    public static extern int Register(NativeVfs* vfs, int makeDefault);
}
