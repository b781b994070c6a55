using OpenLedger.Economy;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Training;

namespace OpenLedger.Grains.Adapters;

/// <summary>
/// Finds what a new work is derived from, once, as it is made: a work's lineage never changes, and a parent must be there before its
/// child, so that there is no cycle.
/// </summary>
public sealed class LineageReader
{
    readonly IGrainFactory _grains;
    readonly ParameterCache _parameters;

    public LineageReader(IGrainFactory grains, ParameterCache parameters)
    {
        _grains = grains;
        _parameters = parameters;
    }

    /// <summary>The lineage of a Datanet that is being created; empty where it is derived from nothing.</summary>
    /// <exception cref="UserErrorException">The parent is not there, or the lineage cannot be.</exception>
    public async Task<List<LineageNode>> OfDatanet(string datanetId, CreateDatanet command)
    {
        CheckTerms(command.RoyaltyBasisPoints);
        if (command.ParentDatanetId.Length == 0)
        {
            return [];
        }

        var parent = await _grains.GetGrain<IDatanetGrain>(command.ParentDatanetId).GetCard();
        var lineage = parent.Lineage.Count > 0
            ? [.. parent.Lineage.Select(ToStep)]
            : Royalties.Derive(parent.Id, parent.Owner, []);
        return ToNodes(Royalties.Derive(datanetId, command.Owner, [(lineage, await Terms(parent.RoyaltyBasisPoints))]));
    }

    /// <summary>
    /// The lineage of an adapter: the adapter that it is derived from, and what its Datanet is derived from; null where from nothing.
    /// </summary>
    /// <inheritdoc cref="OfDatanet"/>
    public async Task<IReadOnlyList<LineageNode>?> OfAdapter(TrainingSpecification specification)
    {
        CheckTerms(specification.RoyaltyBasisPoints);
        var parents = new List<(IReadOnlyList<LineageStep>, int)>();
        if (specification.ParentAdapterId.Length > 0)
        {
            var parent = await _grains.GetGrain<IAdapterGrain>(specification.ParentAdapterId).GetCard();
            var manifest = parent.Manifest
                ?? throw new RefusedException($"There is no adapter {specification.ParentAdapterId} to derive from.");
            IReadOnlyList<LineageStep> lineage = manifest.Lineage is { Count: > 0 } known
                ? [.. known.Select(ToStep)]
                : Royalties.Derive(parent.Id, manifest.Owner, []);
            parents.Add((lineage, await Terms(manifest.RoyaltyBasisPoints)));
        }

        var datanet = await _grains.GetGrain<IDatanetGrain>(specification.DatanetId).GetCard();
        if (datanet.Lineage.Count > 0)
        {
            parents.AddRange(Royalties.ParentsOf([.. datanet.Lineage.Select(ToStep)]));
        }

        return parents.Count == 0
            ? null : ToNodes(Royalties.Derive(specification.AdapterId, specification.Account, parents));
    }

    /// <summary>A lineage as the core takes it.</summary>
    public static LineageStep ToStep(LineageNode node) => new(node.Id, node.Owner, node.Child, node.BasisPoints);

    static List<LineageNode> ToNodes(IReadOnlyList<LineageStep> steps) =>
        [.. steps.Select(step => new LineageNode(step.Id, step.Owner, step.Child, step.BasisPoints))];

    static void CheckTerms(int basisPoints)
    {
        if (basisPoints is < -1 or > FeeSplit.Whole)
        {
            throw new RefusedException(
                $"A royalty is 0 to {FeeSplit.Whole} basis points of the owner's part, or -1 for the network's default.");
        }
    }

    async Task<int> Terms(int own) => own >= 0 ? own : (await _parameters.Get()).RoyaltyDefault;
}
