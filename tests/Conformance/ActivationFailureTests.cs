using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace OpenLedger.Conformance;

public interface IFragileGrain : IGrainWithStringKey
{
    Task<int> Answer();
}

/// <summary>Its first activation fails, the next does not.</summary>
public sealed class FragileGrain : Grain, IFragileGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        if (Signals.Count($"{key}.activations") == 1)
        {
            await Signals.Opened($"{key}.may-fail");
            throw new InvalidOperationException("not today");
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Count($"{this.GetPrimaryKeyString()}.deactivations");
        return Task.CompletedTask;
    }

    public Task<int> Answer() => Task.FromResult(42);
}

public interface IUnmakeableGrain : IGrainWithStringKey
{
    Task<int> Answer();
}

public sealed class UnmakeableGrain : Grain, IUnmakeableGrain
{
    public UnmakeableGrain() => throw new InvalidOperationException("never");

    public Task<int> Answer() => Task.FromResult(42);
}

public interface IReadingGrain : IGrainWithStringKey
{
    Task<string> Read();
}

[GrainType("conformance-reading")]
public sealed class ReadingGrain([PersistentState("conformance-reading", "faulty")] IPersistentState<Note> state) : Grain, IReadingGrain
{
    public Task<string> Read() => Task.FromResult(state.State.Text);
}

/// <summary>A store of the test's own, which can be away.</summary>
sealed class FaultyStorage : IGrainStorage
{
    public volatile bool Fails;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Fails)
        {
            throw new IOException("disk away");
        }

        grainState.State = (T)(object)new Note { Text = "read" };
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}

/// <summary>
/// An activation that fails to be made fails the calls that wait for it with its exception, and makes room for another:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-lifecycle.
/// </summary>
public sealed class ActivationFailureTests
{
    [Fact]
    public async Task Callers_learn_why_and_the_next_call_tries_again()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("fragile");
        var grain = cluster.Client.GetGrain<IFragileGrain>(key);
        var first = grain.Answer();
        await Signals.Reached($"{key}.activations:1");
        Signals.Open($"{key}.may-fail");

        var waiting = async () => await first.Soon();
        await waiting.Should().ThrowAsync<InvalidOperationException>().WithMessage("not today");

        (await grain.Answer().Soon()).Should().Be(42);
        Signals.Counted($"{key}.deactivations").Should().Be(0);
    }

    [Fact]
    public async Task All_who_wait_learn_of_the_same_failure()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("fragile");
        var grain = cluster.Client.GetGrain<IFragileGrain>(key);
        var calls = Enumerable.Range(0, 5).Select(_ => grain.Answer()).ToArray();
        await Signals.Reached($"{key}.activations:1");
        Signals.Open($"{key}.may-fail");
        foreach (var call in calls)
        {
            // A call that arrives after the failure is served by the next activation.
            var outcome = await Task.WhenAny(call).Soon();
            if (outcome.IsFaulted)
            {
                outcome.Exception!.GetBaseException().Message.Should().Be("not today");
            }
        }

        calls.Should().Contain(call => call.IsFaulted);
        (await grain.Answer().Soon()).Should().Be(42);
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_fails_the_call_and_is_read_again()
    {
        var store = new FaultyStorage();
        await using var cluster = await TestClusters.Start(silo => silo.Services.AddGrainStorage("faulty", (_, _) => store));
        var grain = cluster.Client.GetGrain<IReadingGrain>(Signals.NewKey("reading"));
        store.Fails = true;
        var call = async () => await grain.Read().Soon();
        (await call.Should().ThrowAsync<Exception>()).Which.ToString().Should().Contain("disk away");
        store.Fails = false;
        (await grain.Read().Soon()).Should().Be("read");
    }

    [Fact]
    public async Task A_constructor_that_throws_fails_the_call()
    {
        await using var cluster = await TestClusters.Start();
        var call = async () => await cluster.Client.GetGrain<IUnmakeableGrain>(Signals.NewKey("unmakeable")).Answer().Soon();
        (await call.Should().ThrowAsync<Exception>()).Which.GetBaseException().Message.Should().Be("never");
    }
}
