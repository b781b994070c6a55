namespace OpenLedger.Inference;

/// <summary>A model that an engine serves.</summary>
public sealed class ModelHandle
{
    internal ModelHandle(InferenceEngine engine, Generator generator)
    {
        Engine = engine;
        Generator = generator;
    }

    public InferenceEngine Engine { get; }

    public ModelConfig Config => Generator.Model.Config;

    public Tokenizer Tokenizer => Generator.Tokenizer;

    internal Generator Generator { get; }
}

/// <summary>An adapter that an engine serves until the handle is disposed of. Requests taken before that are served to their end.</summary>
public sealed class AdapterHandle : IDisposable
{
    readonly Action _released;
    PackedAdapter? _adapter;

    internal AdapterHandle(ModelHandle model, PackedAdapter adapter, Action released)
    {
        Model = model;
        SizeBytes = adapter.SizeBytes;
        _adapter = adapter;
        _released = released;
    }

    public ModelHandle Model { get; }

    /// <summary>Bytes that the adapter takes while it is resident.</summary>
    public long SizeBytes { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _adapter, null) is not null)
        {
            _released();
        }
    }

    /// <summary>The adapter, kept in memory by whoever holds the reference.</summary>
    internal PackedAdapter Lease() =>
        Volatile.Read(ref _adapter) ?? throw new ObjectDisposedException(nameof(AdapterHandle), "The adapter was let go; load it again.");
}
