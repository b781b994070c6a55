namespace Orleans.Runtime;

/// <summary>What can be called by its identity.</summary>
public interface IAddressable;
