using System.Collections.Concurrent;
using System.Threading.Channels;

namespace OpenLedger.Inference;

/// <summary>Options of an <see cref="InferenceEngine"/>.</summary>
public sealed record InferenceEngineOptions
{
    /// <summary>Most requests that wait; one more is refused with <see cref="OverloadedException"/>. Default 256.</summary>
    public int QueueLengthMax { get; init; } = 256;

    /// <summary>Threads that share one computation, the engine's own included; 0 for one a core. Default 1.</summary>
    public int ThreadCount { get; init; } = 1;
}

/// <summary>The engine's queue is full: try again later.</summary>
public sealed class OverloadedException(int queueLengthMax) : Exception(
    $"{queueLengthMax} requests wait already, as many as the engine takes; try again later.")
{
    public int QueueLengthMax { get; } = queueLengthMax;
}

/// <summary>What to generate from which model. The token ids of the prompt include the begin token where the model wants one.</summary>
public sealed record GenerationRequest
{
    public required ModelHandle Model { get; init; }

    /// <summary>An adapter over that model; null, the default, for the base alone.</summary>
    public AdapterHandle? Adapter { get; init; }

    public required IReadOnlyList<int> Prompt { get; init; }

    public GenerationOptions Options { get; init; } = new();
}

/// <summary>
/// Serves requests on one dedicated thread behind a bounded queue, first come, first served. Base and adapters go over the same
/// engine; all members may be called from any thread.
/// </summary>
public sealed class InferenceEngine : IAsyncDisposable
{
    readonly InferenceEngineOptions _options;
    readonly BlockingCollection<Action> _queue;
    readonly ComputePool? _pool;
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _residentAdapterCount;

    public InferenceEngine(InferenceEngineOptions? options = null)
    {
        _options = options ?? new();
        _queue = new BlockingCollection<Action>(_options.QueueLengthMax);
        _pool = _options.ThreadCount == 1 ? null : new ComputePool(_options.ThreadCount, "inference");
        new Thread(Work) { IsBackground = true, Name = "inference" }.Start();
    }

    /// <summary>Requests that wait, the one being served not counted.</summary>
    public int QueueLength => _queue.Count;

    /// <summary>Adapters added and not yet disposed of.</summary>
    public int ResidentAdapterCount => Volatile.Read(ref _residentAdapterCount);

    /// <summary>Lays a model out for serving.</summary>
    public ModelHandle AddModel(ModelFolder folder) => AddModel(folder.Weights, folder.Tokenizer);

    /// <summary>Lays a model out for serving; the weights are copied.</summary>
    public ModelHandle AddModel(ModelWeights weights, Tokenizer tokenizer) =>
        new(this, new Generator(new CausalModel(weights, _pool), tokenizer));

    /// <summary>Lays an adapter out for serving; dispose of the handle to let it go, which running requests survive.</summary>
    /// <exception cref="ArgumentException">The adapter was made for a model of another shape.</exception>
    public AdapterHandle AddAdapter(ModelHandle model, LoraAdapter adapter)
    {
        var packed = new PackedAdapter(adapter);
        model.Generator.Model.RequireShapeOf(packed);
        Interlocked.Increment(ref _residentAdapterCount);
        return new AdapterHandle(model, packed, () => Interlocked.Decrement(ref _residentAdapterCount));
    }

    /// <summary>
    /// Queues a request and returns its answer as it is generated. The request is queued at the call; the pieces, at most
    /// <see cref="GenerationOptions.TokenCountMax"/> of them, wait for the reader. Leaving the enumeration cancels the rest.
    /// </summary>
    /// <exception cref="OverloadedException">Too many requests wait already.</exception>
    /// <exception cref="UserErrorException">The request cannot be served: an option out of range, or a prompt longer than the
    /// context.</exception>
    /// <exception cref="ObjectDisposedException">The adapter was let go, or the engine was disposed of.</exception>
    public IAsyncEnumerable<GeneratedPiece> Generate(GenerationRequest request, CancellationToken cancellation = default)
    {
        var adapter = Adapter(request.Model, request.Adapter);
        var generator = request.Model.Generator;
        generator.Check(request.Prompt, request.Options);
        var pieces = Channel.CreateUnbounded<GeneratedPiece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var token = stop.Token;
        Enqueue(() => Write(generator.Generate(request.Prompt, request.Options, adapter, token), pieces.Writer, token));
        return Read(pieces.Reader, stop, cancellation);
    }

    /// <summary>The sum of the natural logarithms of the answer tokens' probabilities after the prompt.</summary>
    /// <inheritdoc cref="Generate"/>
    public async Task<double> ScoreLogProbability(
        ModelHandle model, IReadOnlyList<int> prompt, IReadOnlyList<int> answer, AdapterHandle? adapter =
            null, CancellationToken cancellation = default)
    {
        var packed = Adapter(model, adapter);
        var result = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            if (cancellation.IsCancellationRequested)
            {
                result.TrySetCanceled(cancellation);
                return;
            }
            try
            {
                result.TrySetResult(model.Generator.Model.ScoreLogProbability([.. prompt], [.. answer], packed));
            }
            catch (Exception error)
            {
                result.TrySetException(error);
            }
        });
        return await result.Task.WaitAsync(cancellation);
    }

    /// <summary>Refuses new requests, serves those that wait, and stops the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _stopped.Task;
    }

    static PackedAdapter? Adapter(ModelHandle model, AdapterHandle? adapter)
    {
        if (adapter is null)
        {
            return null;
        }
        return ReferenceEquals(adapter.Model, model)
            ? adapter.Lease()
            : throw new ArgumentException("The adapter belongs to another model.", nameof(adapter));
    }

    void Enqueue(Action work)
    {
        try
        {
            if (!_queue.TryAdd(work))
            {
                throw new OverloadedException(_options.QueueLengthMax);
            }
        }
        catch (InvalidOperationException) when (_queue.IsAddingCompleted)
        {
            throw new ObjectDisposedException(nameof(InferenceEngine));
        }
    }

    void Work()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work();
        }
        _pool?.Dispose();
        _stopped.TrySetResult();
    }

    /// <summary>Runs on the engine's thread; whatever happens goes to the reader, so that one request never ends the thread.</summary>
    static void Write(IEnumerable<GeneratedPiece> answer, ChannelWriter<GeneratedPiece> writer, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var piece in answer)
            {
                writer.TryWrite(piece);
            }
            writer.TryComplete();
        }
        catch (Exception error)
        {
            writer.TryComplete(error);
        }
    }

    static async IAsyncEnumerable<GeneratedPiece> Read(
        ChannelReader<GeneratedPiece> reader, CancellationTokenSource stop,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var piece in reader.ReadAllAsync(cancellation))
            {
                yield return piece;
            }
        }
        finally
        {
            // The engine's thread may still look at the token, so the source is cancelled and left to the collector.
            await stop.CancelAsync();
        }
    }
}
