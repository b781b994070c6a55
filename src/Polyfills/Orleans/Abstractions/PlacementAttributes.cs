namespace Orleans.Placement;

/// <summary>Where activations of a class are made. One process has one place: the engine keeps to it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute : Attribute
{
    private protected PlacementAttribute()
    {
    }
}

/// <summary>Activations are made on the silo of the caller, where it can.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;
