namespace Orleans;

/// <summary>An object outside the grains that grains can call.</summary>
public interface IGrainObserver : IAddressable;
