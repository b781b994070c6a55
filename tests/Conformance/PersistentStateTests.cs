using Orleans.Storage;

namespace OpenLedger.Conformance;

[GenerateSerializer, Alias("openledger.conformance.purse")]
public sealed record Purse
{
    [Id(0)]
    public string Owner { get; init; } = "";

    [Id(1)]
    public UInt128 Amount { get; init; }

    [Id(2)]
    public List<string> Notes { get; init; } = [];

    [Id(3)]
    public Dictionary<string, long> Shares { get; init; } = [];
}

[GenerateSerializer, Alias("openledger.conformance.purse-report")]
public sealed record PurseReport(
    [property: Id(0)] Purse Purse,
    [property: Id(1)] string? Etag,
    [property: Id(2)] bool Exists,
    [property: Id(3)] int Activation);

public interface IPurseGrain : IGrainWithStringKey
{
    Task<PurseReport> Read();

    Task Write(Purse purse);

    /// <summary>Writes, and reports the exception's type instead of letting it out.</summary>
    Task<string> TryWrite(Purse purse);

    /// <summary>Changes the state in memory and does not write it.</summary>
    Task Scribble(string note);

    Task Reload();

    Task Clear();

    Task End();
}

public interface IRelationalPurseGrain : IPurseGrain;

public abstract class PurseGrainBase(IPersistentState<Purse> state) : Grain
{
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public Task<PurseReport> Read() => Task.FromResult(new PurseReport(state.State, state.Etag, state.RecordExists, number));

    public Task Write(Purse purse)
    {
        state.State = purse;
        return state.WriteStateAsync();
    }

    public async Task<string> TryWrite(Purse purse)
    {
        try
        {
            await Write(purse);
            return "";
        }
        catch (InconsistentStateException exception)
        {
            return exception.GetType().Name;
        }
    }

    public Task Scribble(string note)
    {
        state.State.Notes.Add(note);
        return Task.CompletedTask;
    }

    public Task Reload() => state.ReadStateAsync();

    public Task Clear() => state.ClearStateAsync();

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.{number}.ended");
        return Task.CompletedTask;
    }
}

[GrainType("conformance-purse")]
public sealed class PurseGrain([PersistentState("conformance-purse", "memory")] IPersistentState<Purse> state)
    : PurseGrainBase(state), IPurseGrain;

/// <summary>
/// A grain's state is read before it activates, written when it says so, and never written over a newer version:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-persistence.
/// </summary>
public sealed class PersistentStateTests
{
    static readonly Purse Full = new()
    {
        Owner = "acct_one",
        Amount = UInt128.MaxValue - 1,
        Notes = ["first", "second"],
        Shares = new() { ["acct_two"] = long.MaxValue },
    };

    [Fact]
    public async Task A_state_that_was_never_written_is_empty()
    {
        await using var cluster = await TestClusters.Start();
        var report = await cluster.Client.GetGrain<IPurseGrain>(Signals.NewKey("purse"), typeof(PurseGrain).FullName).Read();
        report.Purse.Should().BeEquivalentTo(new Purse());
        report.Exists.Should().BeFalse();
        report.Etag.Should().BeNull();
    }

    [Fact]
    public async Task What_was_written_is_there_for_the_next_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("purse");
        var grain = cluster.Client.GetGrain<IPurseGrain>(key, typeof(PurseGrain).FullName);
        await grain.Write(Full);
        await grain.End();
        await Signals.Reached($"{key}.1.ended");

        var report = await grain.Read().Soon();
        report.Activation.Should().Be(2);
        report.Purse.Should().BeEquivalentTo(Full);
        report.Exists.Should().BeTrue();
        report.Etag.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_cleared_state_is_empty_and_can_be_written_again()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("purse");
        var grain = cluster.Client.GetGrain<IPurseGrain>(key, typeof(PurseGrain).FullName);
        await grain.Write(Full);
        await grain.Clear();
        (await grain.Read()).Purse.Should().BeEquivalentTo(new Purse());
        (await grain.Read()).Exists.Should().BeFalse();
        await grain.Write(Full with { Owner = "acct_three" });
        await grain.Reload();
        (await grain.Read()).Purse.Owner.Should().Be("acct_three");
    }

    [Fact]
    public async Task What_is_not_written_is_lost_with_the_activation()
    {
        await using var cluster = await TestClusters.Start(silo => silo.AddRefusingStorage());
        var key = Signals.NewKey("refusing");
        var grain = cluster.Client.GetGrain<IRefusedGrain>(key);

        var write = async () => await grain.Write("lost").Soon();
        (await write.Should().ThrowAsync<OrleansException>()).WithMessage("*disk full*");
        (await grain.Read()).Should().Be("lost");
        await grain.End();
        await Signals.Reached($"{key}.ended");
        (await grain.Read().Soon()).Should().Be("");
    }
}
