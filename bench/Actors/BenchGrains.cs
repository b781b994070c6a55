using Orleans.Runtime;

namespace OpenLedger.Bench.Actors;

/// <summary>What a call brings: not marked immutable, so that the engine keeps caller and grain apart by copying it.</summary>
[GenerateSerializer, Alias("openledger.bench.entry")]
public sealed record Entry([property: Id(0)] string Account, [property: Id(1)] long Amount, [property: Id(2)] int[] Parts);

/// <summary>What a call gives back, copied likewise.</summary>
[GenerateSerializer, Alias("openledger.bench.tally")]
public sealed record Tally([property: Id(0)] long Sum, [property: Id(1)] int[] Parts);

/// <summary>A grain without state in a store; the key is <c>bg_…</c>.</summary>
[Alias("openledger.bench.counter")]
public interface ICounterGrain : IGrainWithStringKey
{
    [Alias("add")]
    Task<Tally> Add(Entry entry);

    [Alias("touch")]
    Task Touch();
}

/// <summary>Adds up; the request's context is read, as a grain that traces its callers would.</summary>
sealed class CounterGrain : Grain, ICounterGrain
{
    long _sum;

    public Task<Tally> Add(Entry entry)
    {
        if (RequestContext.Get(ActorHost.TraceKey) is null)
        {
            throw new InvalidOperationException("The request's context did not arrive.");
        }

        _sum += entry.Amount;
        return Task.FromResult(new Tally(_sum, entry.Parts));
    }

    public Task Touch() => Task.CompletedTask;
}

/// <summary>A grain with state in a store; the key is <c>bs_…</c>.</summary>
[Alias("openledger.bench.stored")]
public interface IStoredGrain : IGrainWithStringKey
{
    [Alias("touch")]
    Task Touch();

    /// <summary>Writes the state once.</summary>
    [Alias("write")]
    Task Write(long amount);
}

sealed class StoredGrain : Grain, IStoredGrain
{
    readonly IPersistentState<StoredState> _state;

    public StoredGrain([PersistentState("bench-stored")] IPersistentState<StoredState> state) => _state = state;

    public Task Touch() => Task.CompletedTask;

    public Task Write(long amount)
    {
        _state.State.Sum += amount;
        return _state.WriteStateAsync();
    }
}

/// <summary>What a stored grain keeps.</summary>
[GenerateSerializer, Alias("openledger.bench.stored-state")]
public sealed class StoredState
{
    [Id(0)] public long Sum { get; set; }

    [Id(1)] public string Note { get; set; } = "kept";
}
