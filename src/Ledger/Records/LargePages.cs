using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>
/// Arrays of megabytes that are read all over: on Linux the system is asked to map them in pages of 2 MiB, so that finding a page does not
/// take longer than reading it. Only a hint: whatever the system makes of it, nothing but the time changes.
/// </summary>
static unsafe partial class LargePages
{
    const int PageSizeBytes = 2 << 20;
    const int AdviseLargePages = 14;

    /// <summary>An array that the collector does not move, zeroed.</summary>
    public static T[] Allocate<T>(int length)
        where T : unmanaged
    {
        var array = GC.AllocateArray<T>(length, pinned: true);
        var sizeBytes = (long)length * sizeof(T);
        if (sizeBytes >= 2 * PageSizeBytes && OperatingSystem.IsLinux())
        {
            var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
            var aligned = (start + PageSizeBytes - 1) & ~(nint)(PageSizeBytes - 1);
            _ = Advise(aligned, (nuint)((start + sizeBytes - aligned) & ~(long)(PageSizeBytes - 1)), AdviseLargePages);
        }
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint sizeBytes, int advice);
}
