using Orleans.Configuration;

namespace OpenLedger.Conformance;

public interface IPingGrain : IGrainWithStringKey
{
    /// <summary>Calls the other grain, which calls back.</summary>
    [ResponseTimeout("00:01:00")]
    Task<int> There(string other, bool allowCallBack);

    Task<int> AndBack(string origin);

    Task<int> Answer();

    Task Hold(string phase);

    [ResponseTimeout("00:00:00.300")]
    Task HoldBriefly(string phase);
}

public sealed class PingGrain : Grain, IPingGrain
{
    public async Task<int> There(string other, bool allowCallBack)
    {
        if (!allowCallBack)
        {
            return await GrainFactory.GetGrain<IPingGrain>(other).AndBack(this.GetPrimaryKeyString());
        }

        using var section = RequestContext.AllowCallChainReentrancy();
        return await GrainFactory.GetGrain<IPingGrain>(other).AndBack(this.GetPrimaryKeyString());
    }

    public Task<int> AndBack(string origin) => GrainFactory.GetGrain<IPingGrain>(origin).Answer();

    public Task<int> Answer() => Task.FromResult(42);

    public Task Hold(string phase) => Phase.Run(phase);

    public Task HoldBriefly(string phase) => Phase.Run(phase);
}

/// <summary>
/// A grain is not called back within a chain of its own calls, unless it allows that; what then never ends, ends in a timeout:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/request-scheduling#call-chain-reentrancy and
/// https://learn.microsoft.com/en-us/dotnet/orleans/host/configuration-guide/typical-configurations (ResponseTimeout).
/// </summary>
public sealed class DeadlockTests
{
    [Fact]
    public async Task A_cycle_of_calls_ends_in_a_timeout_that_names_both_grains()
    {
        await using var cluster = await TestClusters.Start(silo => silo.RespondWithin(TimeSpan.FromSeconds(1)));
        var (ping, pong) = (Signals.NewKey("ping"), Signals.NewKey("pong"));
        var grain = cluster.Client.GetGrain<IPingGrain>(ping);

        // The client waits longer than the grains do: it hears of the call between them that came to nothing.
        var cycle = async () => await grain.There(pong, false).Soon();

        (await cycle.Should().ThrowAsync<TimeoutException>())
            .WithMessage("Response did not arrive on time in 00:00:01 for message:*")
            .WithMessage($"*{grain.GetGrainId()}*").WithMessage($"*{cluster.Client.GetGrain<IPingGrain>(pong).GetGrainId()}*");
        (await grain.Answer().Soon()).Should().Be(42);
    }

    [Fact]
    public async Task A_cycle_of_calls_that_is_allowed_ends_well()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IPingGrain>(Signals.NewKey("ping"));
        (await grain.There(Signals.NewKey("pong"), true).Soon()).Should().Be(42);
    }

    [Fact]
    public async Task A_method_has_its_own_timeout_and_a_call_given_up_while_it_waits_is_not_made()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("ping");
        var grain = cluster.Client.GetGrain<IPingGrain>(key);
        var first = grain.Hold($"{key}.first");
        await Signals.Reached($"{key}.first.begun");

        var second = async () => await grain.HoldBriefly($"{key}.second").Soon();
        await second.Should().ThrowAsync<TimeoutException>();

        Signals.Open($"{key}.first.may-end");
        await first.Soon();
        (await grain.Answer().Soon()).Should().Be(42);
        Signals.IsOpen($"{key}.second.begun").Should().BeFalse();
    }

    [Fact]
    public void Callers_wait_for_thirty_seconds_unless_told_otherwise() =>
        new SiloMessagingOptions().ResponseTimeout.Should().Be(TimeSpan.FromSeconds(30));
}
