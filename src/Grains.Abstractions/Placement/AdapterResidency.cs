namespace OpenLedger.Grains.Placement;

/// <summary>An adapter in a silo's memory.</summary>
/// <param name="SizeBytes">Of its weights as they are served.</param>
public sealed record AdapterResidency(string AdapterId, string ModelId, long SizeBytes);
