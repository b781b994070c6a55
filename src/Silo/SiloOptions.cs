using System.ComponentModel.DataAnnotations;
using OpenLedger.Grains;
using OpenLedger.Silo.Console;

namespace OpenLedger.Silo;

/// <summary>What a silo is started with.</summary>
public sealed record SiloOptions
{
    /// <summary>The data folder; created on first start. One process at a time.</summary>
    [Required]
    public required string DataFolder { get; init; }

    /// <summary>Base models to serve: model id (<c>md_…</c>) to folder in Hugging Face layout.</summary>
    public IReadOnlyDictionary<string, string> Models { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Who may see the operators' pages, where there are any.</summary>
    public ConsoleOptions Console { get; init; } = new();

    /// <summary>The id of a model folder: <c>md_</c> and the folder's name, in lower case.</summary>
    public static string ModelId(string folder) =>
        GrainKeys.OfModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToLowerInvariant());
}
