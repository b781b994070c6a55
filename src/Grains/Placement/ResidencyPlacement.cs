using System.Buffers.Binary;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace OpenLedger.Grains.Placement;

/// <summary>Activations go where their base model is in memory and memory is left; see <see cref="ResidencyPlacementDirector"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResidencyPlacementAttribute : PlacementAttribute
{
    public ResidencyPlacementAttribute()
        : base(ResidencyPlacement.Instance)
    {
    }
}

/// <inheritdoc cref="ResidencyPlacementAttribute"/>
[Serializable]
public sealed class ResidencyPlacement : PlacementStrategy
{
    internal static ResidencyPlacement Instance { get; } = new();
}

/// <summary>
/// Chooses among the silos that are left by the filters, from this silo's copy of the residency table and nothing else: a silo that
/// holds the grain's base model and has device memory free comes first, then one that has memory free, then any. Within a class the
/// grain's hash chooses, so that silos which agree on the table agree on the place.
/// </summary>
sealed class ResidencyPlacementDirector(ResidencyTable table) : IPlacementDirector
{
    /// <summary>Less is no room for an adapter: weights of rank 64 over a base of a billion parameters take about so much.</summary>
    public const long RoomBytesMin = 64L << 20;

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(Choose(table, target.GrainIdentity, context.GetCompatibleSilos(target)));

    /// <param name="silos">At least one.</param>
    internal static SiloAddress Choose(ResidencyTable table, GrainId grain, IReadOnlyList<SiloAddress> silos)
    {
        var entries = table.Entries;
        var key = grain.Key.ToString()!;
        var model = table.BaseModelOf(key);
        SiloAddress[] best =
        [
            .. silos.GroupBy(Rank).MinBy(group => group.Key)!.OrderBy(silo => silo.ToParsableString(), StringComparer.Ordinal),
        ];
        return best[BinaryPrimitives.ReadUInt32BigEndian(ContentHash.OfText(key).ToArray()) % (uint)best.Length];

        int Rank(SiloAddress silo)
        {
            if (!entries.TryGetValue(silo.ToParsableString(), out var entry) || entry.DeviceFreeBytes < RoomBytesMin)
            {
                return 2;
            }

            return model is not null && entry.ModelIds.Contains(model, StringComparer.Ordinal) ? 0 : 1;
        }
    }
}
