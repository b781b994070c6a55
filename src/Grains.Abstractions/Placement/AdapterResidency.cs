namespace OpenLedger.Grains.Placement;

/// <summary>An adapter in a silo's memory.</summary>
/// <param name="SizeBytes">Of its weights as they are served.</param>
[GenerateSerializer, Immutable, Alias("openledger.residency.adapter")]
public sealed record AdapterResidency(
    [property: Id(0)] string AdapterId,
    [property: Id(1)] string ModelId,
    [property: Id(2)] long SizeBytes);
