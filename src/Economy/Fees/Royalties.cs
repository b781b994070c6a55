namespace OpenLedger.Economy;

/// <summary>One ancestor in a lineage, or, first, the work itself.</summary>
/// <param name="Id">Id of an adapter or a Datanet.</param>
/// <param name="Owner">Account that is paid.</param>
/// <param name="Child">Index of the node that was derived from this one; −1 for the work itself.</param>
/// <param name="BasisPoints">The part of the child's amount that this one's licence asks for.</param>
public sealed record LineageStep(string Id, string Owner, int Child, int BasisPoints);

/// <summary>
/// Royalties up a lineage, out of the owner's part of a fee. Each node passes on the basis points that its parents' licences ask for, of
/// what it gets itself, by largest remainder: the amounts sum to the owner's part whatever shape the lineage has.
/// </summary>
public static class Royalties
{
    /// <summary>Levels of ancestors that are paid; what one further up would get stays with its child.</summary>
    public const int DepthMax = 8;

    /// <summary>Nodes of one lineage, the work itself included.</summary>
    public const int NodesMax = 64;

    /// <summary>
    /// The lineage of a new work: itself, then its parents' lineages. Those were made the same way, so that no cycle can arise but by a
    /// parent that names the work itself, and that is refused.
    /// </summary>
    /// <param name="parents">Each parent's lineage, the parent first, with the basis points of its licence.</param>
    /// <exception cref="RoyaltyException">A cycle, more than <see cref="NodesMax"/> nodes, or more than all is asked for.</exception>
    public static IReadOnlyList<LineageStep> Derive(
        string id, string owner, IReadOnlyList<(IReadOnlyList<LineageStep> Lineage, int BasisPoints)> parents)
    {
        ArgumentNullException.ThrowIfNull(parents);
        var steps = new List<LineageStep> { new(id, owner, -1, 0) };
        foreach (var (lineage, basisPoints) in parents)
        {
            var first = steps.Count;
            foreach (var step in lineage)
            {
                steps.Add(step.Child < 0
                    ? step with { Child = 0, BasisPoints = basisPoints }
                    : step with { Child = step.Child + first });
            }
        }
        if (steps.Skip(1).Any(step => step.Id == id))
        {
            throw new RoyaltyException($"{id} would be derived from itself");
        }
        if (steps.Count > NodesMax)
        {
            throw new RoyaltyException($"a lineage has at most {NodesMax} works; that of {id} would have {steps.Count}");
        }
        Check(steps);
        return steps;
    }

    /// <summary>The direct parents of a lineage's work: each one's own lineage, with the basis points of its licence.</summary>
    public static IReadOnlyList<(IReadOnlyList<LineageStep> Lineage, int BasisPoints)> ParentsOf(IReadOnlyList<LineageStep> lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        Check(lineage);
        var parents = new List<(IReadOnlyList<LineageStep>, int)>();
        for (var first = 1; first < lineage.Count; first++)
        {
            if (lineage[first].Child != 0)
            {
                continue;
            }
            var steps = new List<LineageStep>();
            var places = new Dictionary<int, int>();
            for (var i = first; i < lineage.Count; i++)
            {
                if (i == first || places.ContainsKey(lineage[i].Child))
                {
                    places.Add(i, steps.Count);
                    steps.Add(lineage[i] with { Child = i == first ? -1 : places[lineage[i].Child] });
                }
            }
            steps[0] = steps[0] with { BasisPoints = 0 };
            parents.Add((steps, lineage[first].BasisPoints));
        }
        return parents;
    }

    /// <summary>Divides an owner's part over a lineage.</summary>
    /// <returns>A line for each account that gets something, the owner's first if he gets any; they sum to the part.</returns>
    public static IReadOnlyList<(string Account, Amount Amount)> Split(Amount part, IReadOnlyList<LineageStep> lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        Check(lineage);
        var got = new UInt128[lineage.Count];
        var depth = new int[lineage.Count];
        got[0] = part.Atto;
        for (var i = 0; i < lineage.Count; i++)
        {
            // Parents come behind their child, so that what a node gets is known when its turn comes.
            depth[i] = i == 0 ? 0 : depth[lineage[i].Child] + 1;
            var parents = Enumerable.Range(0, lineage.Count).Where(each => lineage[each].Child == i).ToList();
            if (parents.Count == 0 || depth[i] == DepthMax)
            {
                continue;
            }
            var asked = parents.Sum(each => lineage[each].BasisPoints);
            var parts = LargestRemainder.Split(
                got[i], [.. parents.Select(each => (ulong)lineage[each].BasisPoints), (ulong)(FeeSplit.Whole - asked)]);
            for (var j = 0; j < parents.Count; j++)
            {
                got[parents[j]] = parts[j];
            }
            got[i] = parts[^1];
        }
        return
        [
            .. lineage.Select((step, i) => (step.Owner, Atto: got[i])).GroupBy(each => each.Owner, StringComparer.Ordinal)
                .Select(group => (group.Key, Amount.Sum(group.Select(each => Amount.FromAtto(each.Atto)))))
                .Where(each => !each.Item2.IsZero),
        ];
    }

    static void Check(IReadOnlyList<LineageStep> lineage)
    {
        if (lineage.Count is 0 or > NodesMax || lineage[0].Child >= 0)
        {
            throw new RoyaltyException($"a lineage has 1 to {NodesMax} works and begins with the work itself");
        }
        var asked = new long[lineage.Count];
        for (var i = 1; i < lineage.Count; i++)
        {
            var step = lineage[i];
            if (step.Child < 0 || step.Child >= i || step.BasisPoints is < 0 or > FeeSplit.Whole)
            {
                throw new RoyaltyException($"{step.Id} in a lineage names no earlier work, or asks for less than nothing or more than all");
            }
            asked[step.Child] += step.BasisPoints;
            if (asked[step.Child] > FeeSplit.Whole)
            {
                throw new RoyaltyException(
                    $"the licences of the parents of {lineage[step.Child].Id} ask for {asked[step.Child]} basis points of "
                    + $"{FeeSplit.Whole}: derive it from fewer");
            }
        }
    }
}

/// <summary>A lineage that cannot be.</summary>
public sealed class RoyaltyException(string message) : UserErrorException(message);
