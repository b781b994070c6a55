using System.ComponentModel.DataAnnotations;

namespace OpenLedger.Silo.Configuration;

/// <summary>
/// Section <c>OpenLedger:Liveness</c>: how soon a silo that does not answer is declared dead. Docs/cluster.md says how the defaults
/// were chosen: a killed silo is gone within seconds, a busy one is left alone.
/// </summary>
public sealed class LivenessOptions
{
    /// <summary>First timeout of a probe, and the pause between two, in milliseconds. Default 1,000.</summary>
    [Range(100, 60_000, ErrorMessage = "take 100 to 60,000 milliseconds.")]
    public int ProbeTimeoutMs { get; set; } = 1_000;

    /// <summary>
    /// Longest timeout of a probe of a silo that answers slowly, in milliseconds. Times <see cref="ProbesMissedMax"/> it is also how
    /// long any message from a silo speaks for its being alive. Default 1,000.
    /// </summary>
    [Range(100, 240_000, ErrorMessage = "take 100 to 240,000 milliseconds.")]
    public int ProbeTimeoutMaxMs { get; set; } = 1_000;

    /// <summary>Probes in a row that a silo may miss before the prober votes for its death. Default 3.</summary>
    [Range(1, 10, ErrorMessage = "take 1 to 10 probes.")]
    public int ProbesMissedMax { get; set; } = 3;

    /// <summary>Votes that declare a silo dead; fewer where fewer silos are left. Default 2.</summary>
    [Range(1, 10, ErrorMessage = "take 1 to 10 votes.")]
    public int Votes { get; set; } = 2;

    /// <summary>How often every silo reads the membership table anew, in milliseconds. Default 5,000.</summary>
    [Range(500, 600_000, ErrorMessage = "take 500 to 600,000 milliseconds.")]
    public int TableRefreshMs { get; set; } = 5_000;

    /// <summary>How often every silo writes to the table that it is alive, in milliseconds. Default 5,000.</summary>
    [Range(500, 600_000, ErrorMessage = "take 500 to 600,000 milliseconds.")]
    public int AliveWriteMs { get; set; } = 5_000;

    internal IEnumerable<string> Problems()
    {
        if (ProbeTimeoutMaxMs < ProbeTimeoutMs)
        {
            const string path = $"{SiloConfiguration.Section}:Liveness";
            yield return $"{path}:ProbeTimeoutMaxMs is {ProbeTimeoutMaxMs}, less than {path}:ProbeTimeoutMs ({ProbeTimeoutMs}): raise it.";
        }
    }
}
