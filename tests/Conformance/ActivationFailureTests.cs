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
    public async Task A_constructor_that_throws_fails_the_call()
    {
        await using var cluster = await TestClusters.Start();
        var call = async () => await cluster.Client.GetGrain<IUnmakeableGrain>(Signals.NewKey("unmakeable")).Answer().Soon();
        (await call.Should().ThrowAsync<Exception>()).Which.GetBaseException().Message.Should().Be("never");
    }
}
