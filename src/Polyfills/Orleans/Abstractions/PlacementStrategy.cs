namespace Orleans.Runtime;

/// <summary>How the silo of an activation is chosen; a director knows how to follow it.</summary>
public abstract class PlacementStrategy;

sealed class PreferLocalPlacement : PlacementStrategy;

sealed class StatelessWorkerPlacement : PlacementStrategy;
