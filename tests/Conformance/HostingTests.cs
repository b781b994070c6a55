using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OpenLedger.Conformance;

public interface IIntegerKeyGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public sealed class IntegerKeyGrain : Grain, IIntegerKeyGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public interface IMeetingGrain : IGrainWithStringKey
{
    /// <summary>Gives itself to the other, which calls it back later.</summary>
    Task Introduce(string other);

    Task Meet(IMeetingGrain other);

    Task<string> Name();

    Task<string> NameOfOther();
}

public sealed class MeetingGrain(Greeting greeting) : Grain, IMeetingGrain
{
    IMeetingGrain? met;

    public Task Introduce(string other) =>
        GrainFactory.GetGrain<IMeetingGrain>(other).Meet(this.AsReference<IMeetingGrain>());

    public Task Meet(IMeetingGrain other)
    {
        met = other;
        return Task.CompletedTask;
    }

    public Task<string> Name() => Task.FromResult($"{greeting.Word} {this.GetPrimaryKeyString()}");

    public Task<string> NameOfOther() => met!.Name();
}

public sealed record Greeting(string Word);

public interface IBareGrain : IGrainWithStringKey
{
    Task<string> Describe();
}

/// <summary>A grain without the base class: its context comes by its constructor.</summary>
public sealed class BareGrain(IGrainContext context, IGrainFactory grains) : IGrainBase, IBareGrain, IAsyncDisposable
{
    bool activated;

    public IGrainContext GrainContext => context;

    public Task OnActivateAsync(CancellationToken token)
    {
        activated = true;
        return Task.CompletedTask;
    }

    public async Task<string> Describe()
    {
        var key = await grains.GetGrain<IIntegerKeyGrain>(7).Key();
        return $"{context.GrainId.Key} {activated} {ReferenceEquals(context.GrainInstance, this)} {key}";
    }

    public ValueTask DisposeAsync()
    {
        Signals.Open($"{context.GrainId.Key}.disposed");
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// A silo is part of a host; grains get its services; references have keys, can be compared and can be passed on:
/// https://learn.microsoft.com/en-us/dotnet/orleans/host/configuration-guide/server-configuration,
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-identity and
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-references.
/// </summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_host_serves_grains_through_its_services()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(new Greeting("I am"));
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync();
        var key = Signals.NewKey("meeting");
        (await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IMeetingGrain>(key).Name()).Should().Be($"I am {key}");
        (await host.Services.GetRequiredService<IClusterClient>().GetGrain<IMeetingGrain>(key).Name()).Should().Be($"I am {key}");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_grain_needs_no_base_class_and_is_disposed_with_its_activation()
    {
        var key = Signals.NewKey("bare");
        await using (var cluster = await TestClusters.Start())
        {
            (await cluster.Client.GetGrain<IBareGrain>(key).Describe()).Should().Be($"{key} True True 7");
        }

        Signals.IsOpen($"{key}.disposed").Should().BeTrue();
    }

    [Fact]
    public async Task Keys_are_what_they_were_given_as()
    {
        await using var cluster = await TestClusters.Start();
        foreach (var key in new[] { 0L, 1L, -1L, long.MaxValue, long.MinValue })
        {
            (await cluster.Client.GetGrain<IIntegerKeyGrain>(key).Key()).Should().Be(key);
        }
    }

    [Fact]
    public async Task References_can_be_passed_on_and_compared()
    {
        await using var cluster = await TestClusters.Start(silo => silo.Services.AddSingleton(new Greeting("hello")));
        var (one, two) = (Signals.NewKey("meeting"), Signals.NewKey("meeting"));
        var first = cluster.Client.GetGrain<IMeetingGrain>(one);
        var second = cluster.Client.GetGrain<IMeetingGrain>(two);
        await first.Introduce(two);
        (await second.NameOfOther()).Should().Be($"hello {one}");
        first.Should().Be(cluster.Client.GetGrain<IMeetingGrain>(one)).And.NotBe(second);
        first.GetPrimaryKeyString().Should().Be(one);
        first.GetGrainId().Should().Be(GrainId.Parse(first.GetGrainId().ToString()));
    }
}
