using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Silo;
using OpenLedger.Testing;
using Orleans.Storage;
using Orleans.TestingHost;

namespace OpenLedger.Grains.Tests.Contracts;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<object> Echo(object message);

    /// <summary>Asks the other grain.</summary>
    Task<object> EchoOf(string other, object message);

    IAsyncEnumerable<object> EchoTwice(object message);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<object> Echo(object message) => Task.FromResult(message);

    public Task<object> EchoOf(string other, object message) => GrainFactory.GetGrain<IEchoGrain>(other).Echo(message);

    public async IAsyncEnumerable<object> EchoTwice(object message)
    {
        yield return message;
        await Task.Yield();
        yield return message;
    }
}

/// <summary>Every message comes back from a grain as it was sent, and every state from the storage as it was written.</summary>
public sealed class RoundTripTests(EchoCluster echo) : IClassFixture<EchoCluster>
{
    const int SamplesPerType = 5;

    public static TheoryData<string> Messages { get; } = Names(ContractTypes.Messages);

    public static TheoryData<string> States { get; } = Names(ContractTypes.States.Select(state => state.State));

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_message_comes_back_as_it_was_sent(string name)
    {
        var type = ContractTypes.All.Single(each => each.FullName == name);
        var grain = echo.Grain("echo_one");
        for (var seed = 1; seed <= SamplesPerType; seed++)
        {
            var sent = new Samples(seed).Make(type);
            Samples.Defaults(sent).Should().BeEmpty("a member left at its default would come back though it was never sent");
            var text = Samples.Describe(sent);
            Samples.Describe(await grain.Echo(sent)).Should().Be(text);
            Samples.Describe(await grain.EchoOf("echo_two", sent)).Should().Be(text);
            await foreach (var received in grain.EchoTwice(sent))
            {
                received.Should().BeOfType(type);
                Samples.Describe(received).Should().Be(text);
            }

            Samples.Describe(sent).Should().Be(text, "sending changes nothing of what was sent");
        }
    }

    [Fact]
    public async Task A_refusal_comes_back_with_its_type_and_message()
    {
        var received = await echo.Grain("echo_one").Echo(new RefusedException("no grant"));
        received.Should().BeOfType<RefusedException>().Which.Message.Should().Be("no grant");
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_state_is_read_as_it_was_written(string name)
    {
        var type = ContractTypes.All.Single(each => each.FullName == name);
        var roundTrip = typeof(RoundTripTests).GetMethod(nameof(StoreAndRead), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type).CreateDelegate<Func<IGrainStorage, object, Task<object>>>();
        using var folder = new TemporaryFolder();
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = folder.At("data") });
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        for (var seed = 1; seed <= SamplesPerType; seed++)
        {
            var written = new Samples(seed).Make(type);
            Samples.Defaults(written).Should().BeEmpty();
            Samples.Describe(await roundTrip(storage, written)).Should().Be(Samples.Describe(written));
        }
    }

    [Fact]
    public void Samples_of_one_seed_are_the_same_and_of_another_are_not()
    {
        var type = ContractTypes.States.First().State;
        Samples.Describe(new Samples(1).Make(type)).Should().Be(Samples.Describe(new Samples(1).Make(type)))
            .And.NotBe(Samples.Describe(new Samples(2).Make(type)));
        ContractTypes.States.Select(state => Samples.Defaults(Activator.CreateInstance(state.State)!))
            .Should().OnlyContain(names => names.Any(), "an empty state is seen to be empty");
    }

    static async Task<object> StoreAndRead<T>(IGrainStorage storage, object state)
    {
        var id = GrainId.Create("contract", $"ct_{typeof(T).Name}");
        var stored = new GrainState<T>(Activator.CreateInstance<T>());
        await storage.ReadStateAsync("contract", id, stored);
        stored.State = (T)state;
        await storage.WriteStateAsync("contract", id, stored);
        var read = new GrainState<T>(Activator.CreateInstance<T>());
        await storage.ReadStateAsync("contract", id, read);
        read.State.Should().NotBeSameAs(state);
        return read.State!;
    }

    static TheoryData<string> Names(IEnumerable<Type> types) => [.. types.Where(type => !type.IsEnum).Select(type => type.FullName!)];
}

/// <summary>A silo with nothing but grains that answer what they are told.</summary>
public sealed class EchoCluster : IAsyncLifetime
{
    readonly InProcessTestCluster cluster = new InProcessTestClusterBuilder(1).Build();

    public async ValueTask InitializeAsync() => await cluster.DeployAsync();

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    internal IEchoGrain Grain(string key) => cluster.Client.GetGrain<IEchoGrain>(key);
}
