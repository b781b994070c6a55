using System.ComponentModel.DataAnnotations;
using OpenLedger.Grains;
using OpenLedger.Silo.Configuration;
using OpenLedger.Silo.Console;

namespace OpenLedger.Silo;

/// <summary>
/// What a silo is started with; section <c>OpenLedger</c> of the configuration (see <see cref="SiloConfiguration"/>). By default: one
/// silo on this machine that keeps everything in its data folder.
/// </summary>
public sealed record SiloOptions
{
    /// <summary>
    /// The silo's own folder; created on first start. One process at a time: silos of a cluster never share one. With
    /// <see cref="StorageKind.PostgreSql"/> it holds the log's key and a cache of model files, and nothing that cannot be replaced
    /// but that key.
    /// </summary>
    [Required(ErrorMessage = "name the folder in which this silo keeps its files.")]
    public required string DataFolder { get; init; }

    /// <summary>Base models to serve: model id (<c>md_…</c>) to folder in Hugging Face layout. Default none.</summary>
    public IReadOnlyDictionary<string, string> Models { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// File of the key that signs the log's checkpoints, readable by its owner alone; null, the default, takes the data folder's own
    /// (<c>keys/log.key</c>). All silos of a cluster sign with one key.
    /// </summary>
    public string? LogKeyFile { get; init; }

    /// <summary>Where ledger, grain state and blobs are kept.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>How the log is published, and who cosigns it.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>How this silo finds the others.</summary>
    public ClusteringOptions Cluster { get; init; } = new();

    /// <summary>How soon a silo that does not answer is declared dead.</summary>
    public LivenessOptions Liveness { get; init; } = new();

    /// <summary>The operators' pages.</summary>
    public ConsoleOptions Console { get; init; } = new();

    /// <summary>What this silo says of the machine it runs on.</summary>
    public HardwareOptions Hardware { get; init; } = new();

    /// <summary>
    /// Governed parameters that a new network begins with, by name (<c>voting-period-ms</c>), where they are not the defaults. A network
    /// that exists keeps its own: from genesis on proposals change them, and nothing else does.
    /// </summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The id of a model folder: <c>md_</c> and the folder's name, in lower case.</summary>
    public static string ModelId(string folder) =>
        GrainKeys.OfModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToLowerInvariant());
}
