using System.Runtime.InteropServices;

namespace OpenLedger.Storage;

/// <summary>Files that are there wholly or not at all, and stay after a power cut.</summary>
static partial class FileSync
{
    const int OpenReadOnly = 0;

    /// <summary>Writes beside the target, flushes to the disk, renames, and flushes the folder.</summary>
    /// <param name="mode">Permissions on Unix; null takes the default.</param>
    public static void WriteAtomically(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a rename within a folder durable. Windows does so by itself.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var handle = Open(folder, OpenReadOnly);
        if (handle < 0)
        {
            return;
        }
        _ = Flush(handle);
        _ = Close(handle);
    }

    /// <summary>
    /// Makes every file of a folder's file system durable, with their names, which for many files takes less time than one after the
    /// other. False where the system cannot.
    /// </summary>
    public static bool SyncFileSystem(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        var handle = Open(folder, OpenReadOnly);
        if (handle < 0)
        {
            return false;
        }
        var result = FlushFileSystem(handle);
        _ = Close(handle);
        return result == 0;
    }

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int FlushFileSystem(int handle);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
