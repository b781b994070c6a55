using Orleans.Concurrency;

namespace OpenLedger.Conformance;

[GenerateSerializer, Alias("openledger.conformance.refusal")]
public sealed class RefusalException : Exception
{
    public RefusalException(string message)
        : base(message)
    {
    }
}

public interface IThrowingGrain : IGrainWithStringKey
{
    Task ThrowAtOnce();

    Task<int> ThrowLater();

    ValueTask ThrowThrough(string next);

    Task ThrowNested();

    [OneWay]
    Task ThrowUnheard();

    Task<int> Answer();
}

public sealed class ThrowingGrain : Grain, IThrowingGrain
{
    public Task ThrowAtOnce() => throw new RefusalException("at once");

    public async Task<int> ThrowLater()
    {
        await Task.Yield();
        throw new RefusalException("later");
    }

    public async ValueTask ThrowThrough(string next) => await GrainFactory.GetGrain<IThrowingGrain>(next).ThrowLater();

    public Task ThrowNested() =>
        throw new InvalidOperationException("outer", new FormatException("middle", new RefusalException("inner")));

    public Task ThrowUnheard()
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.unheard");
        throw new RefusalException("unheard");
    }

    public Task<int> Answer() => Task.FromResult(42);
}

/// <summary>
/// Exceptions cross calls with their type and message, through any number of grains, and leave the grain usable;
/// a one-way call tells nothing:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/#grain-method-exceptions and
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/oneway.
/// </summary>
public sealed class ExceptionTests
{
    [Fact]
    public async Task Type_and_message_arrive()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IThrowingGrain>(Signals.NewKey("throwing"));

        var atOnce = async () => await grain.ThrowAtOnce().Soon();
        await atOnce.Should().ThrowExactlyAsync<RefusalException>().WithMessage("at once");
        var later = async () => await grain.ThrowLater().Soon();
        await later.Should().ThrowExactlyAsync<RefusalException>().WithMessage("later");
        (await grain.Answer()).Should().Be(42);
    }

    [Fact]
    public async Task They_pass_through_a_grain_between()
    {
        await using var cluster = await TestClusters.Start();
        var grain = cluster.Client.GetGrain<IThrowingGrain>(Signals.NewKey("throwing"));
        var through = async () => await grain.ThrowThrough(Signals.NewKey("throwing"));
        await through.Should().ThrowExactlyAsync<RefusalException>().WithMessage("later");
    }

    [Fact]
    public async Task Inner_exceptions_arrive_with_theirs()
    {
        await using var cluster = await TestClusters.Start();
        var nested = async () => await cluster.Client.GetGrain<IThrowingGrain>(Signals.NewKey("throwing")).ThrowNested().Soon();
        var outer = (await nested.Should().ThrowExactlyAsync<InvalidOperationException>().WithMessage("outer")).Which;
        var middle = outer.InnerException.Should().BeOfType<FormatException>().Which;
        middle.Message.Should().Be("middle");
        middle.InnerException.Should().BeOfType<RefusalException>().Which.Message.Should().Be("inner");
        outer.StackTrace.Should().Contain(nameof(ThrowingGrain), "it says where it was thrown");
    }

    [Fact]
    public async Task A_one_way_call_reports_nothing()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("throwing");
        var grain = cluster.Client.GetGrain<IThrowingGrain>(key);
        await grain.ThrowUnheard().Soon();
        await Signals.Reached($"{key}.unheard");
        (await grain.Answer()).Should().Be(42);
    }
}
