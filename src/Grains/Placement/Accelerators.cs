namespace OpenLedger.Grains.Placement;

/// <summary>What a silo computes with, as its metadata says.</summary>
public static class Accelerators
{
    /// <summary>Key of the silo's metadata.</summary>
    public const string MetadataKey = "hardware.accelerator";

    /// <summary>An NVIDIA device.</summary>
    public const string Cuda = "cuda";

    /// <summary>The processor alone.</summary>
    public const string Cpu = "cpu";
}
