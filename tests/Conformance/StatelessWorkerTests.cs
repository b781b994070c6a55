using Orleans.Concurrency;

namespace OpenLedger.Conformance;

public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Counts itself in, waits for the gate, and gives the number of its activation.</summary>
    Task<int> Work(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public async Task<int> Work(string gate)
    {
        Signals.Count($"{this.GetPrimaryKeyString()}.begun");
        await Signals.Opened(gate);
        return number;
    }
}

public interface IWorkerCallerGrain : IGrainWithStringKey
{
    /// <summary>The silos of this grain and of a worker that it calls.</summary>
    Task<(SiloAddress Own, SiloAddress Worker)> Silos(string worker);
}

public sealed class WorkerCallerGrain(ILocalSiloDetails silo) : Grain, IWorkerCallerGrain
{
    public async Task<(SiloAddress Own, SiloAddress Worker)> Silos(string worker) =>
        (silo.SiloAddress, await GrainFactory.GetGrain<ILocatedWorkerGrain>(worker).Where());
}

public interface ILocatedWorkerGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();
}

[StatelessWorker]
public sealed class LocatedWorkerGrain(ILocalSiloDetails silo) : Grain, ILocatedWorkerGrain
{
    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);
}

/// <summary>
/// A stateless worker has several activations of one key, made as calls need them, up to its limit,
/// and always on the silo that calls it:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/stateless-worker-grains.
/// </summary>
public sealed class StatelessWorkerTests
{
    [Fact]
    public async Task Calls_run_side_by_side_up_to_the_limit()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("worker");
        var grain = cluster.Client.GetGrain<IWorkerGrain>(key);
        var calls = Enumerable.Range(0, 6).Select(_ => grain.Work($"{key}.gate")).ToArray();
        await Signals.Reached($"{key}.begun:2");
        Signals.Open($"{key}.gate");

        var numbers = await Task.WhenAll(calls).Soon();

        numbers.Should().OnlyContain(number => number == 1 || number == 2).And.Contain([1, 2]);
        Signals.Counted($"{key}.activations").Should().Be(2);
    }

    [Fact]
    public async Task A_worker_is_where_its_caller_is()
    {
        await using var cluster = await TestClusters.Start();
        for (var caller = 0; caller < 5; caller++)
        {
            var (own, worker) = await cluster.Client.GetGrain<IWorkerCallerGrain>(Signals.NewKey("caller"))
                .Silos(Signals.NewKey("worker")).Soon();
            worker.Should().Be(own);
        }
    }

    [Fact]
    public async Task One_call_at_a_time_needs_one_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("worker");
        Signals.Open($"{key}.gate");
        var grain = cluster.Client.GetGrain<IWorkerGrain>(key);
        for (var call = 0; call < 10; call++)
        {
            (await grain.Work($"{key}.gate").Soon()).Should().BeInRange(1, 2);
        }

        Signals.Counted($"{key}.begun").Should().Be(10);
    }
}
