using OpenLedger.Attribution;
using OpenLedger.Training;

namespace OpenLedger.Grains.Attribution;

/// <summary>
/// How artefacts are made and answers scored. Both sides must agree, so it is one place; a change that can change a score raises
/// <see cref="AttributionMethods.Version"/>.
/// </summary>
static class AttributionRecipe
{
    /// <summary>Names of the artefacts in an adapter's manifest.</summary>
    public const string InfluenceArtefact = "influence";

    public const string SpanArtefact = "span";

    public const string RowsArtefact = "rows";

    /// <summary>Followed by the checkpoint's number, counted from 0; the last is the adapter itself.</summary>
    public const string CheckpointArtefact = "checkpoint-";

    /// <summary>
    /// Most rows that one answer credits: those of the highest weight. It bounds the receipt, and the lines of the split.
    /// </summary>
    public const int CreditsMax = Receipt.CreditsMax;

    /// <summary>Most rows of a job: the Gram form inverts a matrix of rows by rows, and the artefact must fit one blob.</summary>
    public const int RowsMax = 10_000;

    /// <summary>Rows whose gradients are computed together, which bounds memory.</summary>
    public const int RowsPerChunk = 16;

    public static GradientSelection Selection { get; } = new();

    public static CreditPolicy Policy { get; } = CreditPolicy.Default;

    public static InfluenceOptions Influence(long seed) => new() { SketchSeed = seed };
}
