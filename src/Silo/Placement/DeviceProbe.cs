using System.Runtime.InteropServices;
using OpenLedger.Grains.Placement;

namespace OpenLedger.Silo.Placement;

/// <summary>What a silo computes with.</summary>
/// <param name="Accelerator"><c>cuda</c> or <c>cpu</c>.</param>
/// <param name="MemoryBytes">Memory of the first device with <c>cuda</c>; 0 with <c>cpu</c>, where the machine's own counts.</param>
public sealed record Device(string Accelerator, long MemoryBytes);

/// <summary>Looks for an NVIDIA device through the driver's own library, without making a context: nothing of it is taken.</summary>
static unsafe class DeviceProbe
{
    const string Library = "libcuda.so.1";

    /// <param name="accelerator">What the configuration says, or null to look.</param>
    public static Device Find(string? accelerator) => accelerator switch
    {
        Accelerators.Cpu => new Device(Accelerators.Cpu, 0),
        Accelerators.Cuda => Look() ?? new Device(Accelerators.Cuda, 0),
        _ => Look() ?? new Device(Accelerators.Cpu, 0),
    };

    /// <summary>Null where there is no driver, no device, or none that can be used.</summary>
    static Device? Look()
    {
        if (!NativeLibrary.TryLoad(Library, out var library))
        {
            return null;
        }

        // The library stays loaded: the driver does not like to be unloaded.
        if (!Export(library, "cuInit", out var init)
            || !Export(library, "cuDeviceGetCount", out var getCount)
            || !Export(library, "cuDeviceGet", out var getDevice)
            || !Export(library, "cuDeviceTotalMem_v2", out var totalMemory))
        {
            return null;
        }

        int count;
        int device;
        nuint bytes;
        return ((delegate* unmanaged<uint, int>)init)(0) == 0
            && ((delegate* unmanaged<int*, int>)getCount)(&count) == 0
            && count > 0
            && ((delegate* unmanaged<int*, int, int>)getDevice)(&device, 0) == 0
            && ((delegate* unmanaged<nuint*, int, int>)totalMemory)(&bytes, device) == 0
                ? new Device(Accelerators.Cuda, checked((long)bytes))
                : null;
    }

    static bool Export(nint library, string name, out nint address) => NativeLibrary.TryGetExport(library, name, out address);
}
