using System.ComponentModel.DataAnnotations;

namespace OpenLedger.Silo.Configuration;

/// <summary>Section <c>OpenLedger:Hardware</c>.</summary>
public sealed class HardwareOptions
{
    /// <summary>
    /// <c>cuda</c> or <c>cpu</c>: the silo's metadata <c>hardware.accelerator</c>, by which adapters are placed. Null, the default, takes
    /// what is found at start.
    /// </summary>
    [RegularExpression("^(cuda|cpu)$", ErrorMessage = "take cuda or cpu, or leave it out to take what is found.")]
    public string? Accelerator { get; set; }
}
