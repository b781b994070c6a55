using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Grains.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace OpenLedger.Conformance;

[GenerateSerializer, Alias("openledger.conformance.note")]
public sealed class Note
{
    [Id(0)]
    public string Text { get; set; } = "";
}

public interface IRefusedGrain : IGrainWithStringKey
{
    Task Write(string text);

    Task<string> Read();

    Task End();
}

[GrainType("conformance-refused")]
public sealed class RefusedGrain([PersistentState("conformance-refused", "refusing")] IPersistentState<Note> state) : Grain, IRefusedGrain
{
    public Task Write(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }

    public Task<string> Read() => Task.FromResult(state.State.Text);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.ended");
        return Task.CompletedTask;
    }
}

/// <summary>A store of the test's own: it refuses all writes.</summary>
sealed class RefusingStorage : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("disk full");

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("disk full");
}

static class RefusingStorageExtensions
{
    public static ISiloBuilder AddRefusingStorage(this ISiloBuilder silo)
    {
        silo.Services.AddGrainStorage("refusing", static (_, _) => new RefusingStorage());
        return silo;
    }
}

public interface ISharedNoteGrain : IGrainWithStringKey
{
    Task<string> Read();

    Task Write(string text);

    Task<string> TryWrite(string text);
}

/// <summary>
/// Several activations of one key over one record: the second writer is stale.
/// </summary>
[Orleans.Concurrency.StatelessWorker(1)]
[GrainType("conformance-shared-note")]
public sealed class SharedNoteGrain(
    [PersistentState("conformance-shared-note", "memory")] IPersistentState<Note> state,
    IServiceProvider services) : Grain, ISharedNoteGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public Task<string> Read() => Task.FromResult(state.State.Text);

    public Task Write(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }

    // Somebody else writes the same record between this activation's read and its write.
    public async Task<string> TryWrite(string text)
    {
        var store = services.GetRequiredKeyedService<IGrainStorage>("memory");
        var theirs = new GrainState<Note>(new Note());
        await store.ReadStateAsync("conformance-shared-note", this.GetGrainId(), theirs);
        theirs.State = new() { Text = "theirs" };
        await store.WriteStateAsync("conformance-shared-note", this.GetGrainId(), theirs);
        await Write(text);
        return state.State.Text;
    }
}

public interface IStreamingNoteGrain : IGrainWithStringKey
{
    Task<int> Activation();

    IAsyncEnumerable<string> WriteStale(string text);
}

public interface IStreamingNoteCallerGrain : IGrainWithStringKey
{
    /// <summary>The exception's type, and the number of this activation.</summary>
    Task<string> Consume(string note);

    Task<int> Activation();
}

[GrainType("conformance-streaming-note")]
public sealed class StreamingNoteGrain(
    [PersistentState("conformance-streaming-note", "memory")] IPersistentState<Note> state,
    IServiceProvider services) : Grain, IStreamingNoteGrain
{
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(number);

    public async IAsyncEnumerable<string> WriteStale(string text)
    {
        yield return state.State.Text;
        var theirs = new GrainState<Note>(new Note());
        var store = services.GetRequiredKeyedService<IGrainStorage>("memory");
        await store.ReadStateAsync("conformance-streaming-note", this.GetGrainId(), theirs);
        theirs.State = new() { Text = "theirs" };
        await store.WriteStateAsync("conformance-streaming-note", this.GetGrainId(), theirs);
        state.State.Text = text;
        await state.WriteStateAsync();
        yield return text;
    }
}

public sealed class StreamingNoteCallerGrain : Grain, IStreamingNoteCallerGrain
{
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public async Task<string> Consume(string note)
    {
        try
        {
            await foreach (var _ in GrainFactory.GetGrain<IStreamingNoteGrain>(note).WriteStale("ours"))
            {
                // Its second element never comes.
            }

            return "";
        }
        catch (InconsistentStateException exception)
        {
            return exception.GetType().Name;
        }
    }

    public Task<int> Activation() => Task.FromResult(number);
}

/// <summary>
/// A write over a newer version fails with <see cref="InconsistentStateException"/>; when that leaves the grain, the activation ends and
/// the next one starts from what is stored:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-persistence#failure-modes-for-write-operations.
/// </summary>
public sealed class StaleStateTests
{
    [Fact]
    public async Task A_stale_write_fails_and_the_activation_starts_over()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("note");
        var grain = cluster.Client.GetGrain<ISharedNoteGrain>(key);
        await grain.Write("ours");

        var stale = async () => await grain.TryWrite("ours again").Soon();
        await stale.Should().ThrowAsync<InconsistentStateException>();

        (await grain.Read().Soon()).Should().Be("theirs");
        Signals.Counted($"{key}.activations").Should().Be(2);
        await grain.Write("ours at last");
        (await grain.Read()).Should().Be("ours at last");
    }

    /// <summary>
    /// dotnet/orleans #9652: an enumeration that ends so leaves the stale activation in place, unless our filter fails the call for it.
    /// </summary>
    [Fact]
    public async Task A_stale_write_within_an_enumeration_ends_the_activation_too()
    {
        await using var cluster = await TestClusters.Start(silo => silo.AddIncomingGrainCallFilter<EnumerationFailureFilter>());
        var (key, callerKey) = (Signals.NewKey("note"), Signals.NewKey("note-caller"));
        var grain = cluster.Client.GetGrain<IStreamingNoteGrain>(key);
        (await grain.Activation()).Should().Be(1);
        var caller = cluster.Client.GetGrain<IStreamingNoteCallerGrain>(callerKey);

        (await caller.Consume(key).Soon()).Should().Be(nameof(InconsistentStateException));

        (await grain.Activation().Soon()).Should().Be(2);
        (await caller.Activation().Soon()).Should().Be(1, "the caller's state is not stale");
    }
}
