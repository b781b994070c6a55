namespace Orleans.Core;

/// <summary>A state and its record in a store.</summary>
public interface IStorage
{
    string? Etag { get; }
    bool RecordExists { get; }
    Task ClearStateAsync();
    Task WriteStateAsync();
    Task ReadStateAsync();
}

/// <summary>A state and its record in a store.</summary>
public interface IStorage<TState> : IStorage
{
    TState State { get; set; }
}
