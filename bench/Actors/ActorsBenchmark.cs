using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OpenLedger.Bench.Actors;

/// <summary>How much is measured.</summary>
/// <param name="Seconds">Length of each of the runs of calls.</param>
/// <param name="ActivationCount">Grains that are activated and left idle.</param>
/// <param name="Reference">Figures of another engine by name, which the calls must reach, or null.</param>
/// <param name="Postgres">A PostgreSQL server to write states to as well, or null.</param>
sealed record ActorsSettings(
    double Seconds, int ActivationCount, IReadOnlyDictionary<string, double>? Reference, string? Postgres);

/// <summary>Calls, latency, activations and their memory, on the engine that is built in.</summary>
sealed class ActorsBenchmark(ActorsSettings settings)
{
    const int CallersPerCore = 100;
    const int CoreCount = 2;
    const int GrainCount = 200;
    const int RunCount = 5;
    const int LatencyCalls = 100_000;
    const double ActivationsPerSecondGoal = 100_000;
    const double IdleBytesGoal = 1_200;

    /// <summary>Activations of grains with state: each is read from a store before it is there.</summary>
    const int StoredActivationCount = 100_000;

    readonly List<Figure> _figures = [];

    public async Task<BenchReport> Run(CancellationToken cancellation)
    {
        await using (var host = await ActorHost.Start(silo => silo.AddMemoryGrainStorageAsDefault()))
        {
            RequestContext.Set(ActorHost.TraceKey, "bench");
            await Calls("calls, 200 callers over 200 grains", host.Grains, GrainCount, cancellation);
            await Calls("calls, 200 callers on one grain", host.Grains, 1, cancellation);
            await Latency(host.Grains);
        }

        await Activations("", settings.ActivationCount, grains => key => grains.GetGrain<ICounterGrain>(key).Touch(), true);
        await Activations(" with state in memory", Math.Min(StoredActivationCount, settings.ActivationCount),
            grains => key => grains.GetGrain<IStoredGrain>(key).Touch(), false);
        foreach (var store in StateStores.All(settings.Postgres))
        {
            await StateWrites(store, cancellation);
        }

        return new BenchReport($"Actors on {ActorHost.EngineName}", _figures, []) { Engine = ActorHost.EngineName };
    }

    async Task Calls(string name, IGrainFactory factory, int grainCount, CancellationToken cancellation)
    {
        ProgressLine.Write($"{name}: {RunCount + 1} runs of {settings.Seconds} s");
        var grains = Enumerable.Range(0, grainCount).Select(index => factory.GetGrain<ICounterGrain>($"bg_{index}")).ToArray();
        var rates = new List<double>();
        for (var run = 0; run <= RunCount; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rate = await Rate(grains, TimeSpan.FromSeconds(settings.Seconds));
            if (run > 0)
            {
                rates.Add(rate);
            }
        }

        var goal = settings.Reference?.TryGetValue(name, out var other) == true ? Goal.AtLeast(other) : null;
        _figures.Add(new(name, Repetition.Median(rates), "calls/s", goal));
        _figures.Add(new($"{name}, best run", rates.Max(), "calls/s"));
    }

    /// <summary>Callers that each await one call after the other, for a while.</summary>
    static async Task<double> Rate(ICounterGrain[] grains, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        var until = started + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var callers = Enumerable.Range(0, CoreCount * CallersPerCore).Select(caller => Task.Run(async () =>
        {
            var grain = grains[caller % grains.Length];
            var entry = new Entry($"acct_{caller}", 1, [1, 2, 3, 4]);
            var calls = 0L;
            while (Stopwatch.GetTimestamp() < until)
            {
                await grain.Add(entry);
                calls++;
            }

            return calls;
        })).ToArray();
        var total = (await Task.WhenAll(callers)).Sum();
        return total / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    async Task Latency(IGrainFactory factory)
    {
        ProgressLine.Write($"latency: {LatencyCalls:N0} calls one after the other");
        var grain = factory.GetGrain<ICounterGrain>("bg_latency");
        var entry = new Entry("acct_latency", 1, [1, 2, 3, 4]);
        var micros = new double[LatencyCalls];
        for (var call = -LatencyCalls / 10; call < LatencyCalls; call++)
        {
            var started = Stopwatch.GetTimestamp();
            await grain.Add(entry);
            if (call >= 0)
            {
                micros[call] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            }
        }

        Array.Sort(micros);
        _figures.Add(new("latency of a call, median", micros[LatencyCalls / 2], "µs"));
        _figures.Add(new("latency of a call, 99th percentile", micros[LatencyCalls * 99 / 100], "µs"));
    }

    async Task Activations(string kind, int count, Func<IGrainFactory, Func<string, Task>> touch, bool hasGoals)
    {
        ProgressLine.Write($"activations{kind}: {count:N0} grains");
        await using var host = await ActorHost.Start(silo => silo.AddMemoryGrainStorageAsDefault());
        var call = touch(host.Grains);
        await Touch(call, "bw", count / 20);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        await Touch(call, "ba", count);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        _figures.Add(new($"activations{kind}", count / seconds, "activations/s",
            hasGoals ? Goal.AtLeast(ActivationsPerSecondGoal) : null));
        _figures.Add(new(
            $"memory of an idle activation{kind}, of {count:N0}", bytes, "bytes", hasGoals ? Goal.AtMost(IdleBytesGoal) : null));
    }

    static Task Touch(Func<string, Task> call, string prefix, int count) => Task.WhenAll(
        Enumerable.Range(0, CoreCount * CallersPerCore).Select(caller => Task.Run(async () =>
        {
            for (var index = caller; index < count; index += CoreCount * CallersPerCore)
            {
                await call($"{prefix}_{index}");
            }
        })));

    /// <summary>As many writers as callers, each with a grain of its own.</summary>
    async Task StateWrites(StateStore store, CancellationToken cancellation)
    {
        ProgressLine.Write($"state writes: {store.Name}");
        await using var opened = store;
        await using var host = await ActorHost.Start(store.Configure);
        var grains = Enumerable.Range(0, GrainCount).Select(index => host.Grains.GetGrain<IStoredGrain>($"bs_{index}")).ToArray();
        await Task.WhenAll(grains.Select(grain => grain.Write(1)));
        cancellation.ThrowIfCancellationRequested();
        var started = Stopwatch.GetTimestamp();
        var until = started + (long)(settings.Seconds * Stopwatch.Frequency);
        var writes = await Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            var count = 0L;
            while (Stopwatch.GetTimestamp() < until)
            {
                await grain.Write(1);
                count++;
            }

            return count;
        })));
        _figures.Add(new($"state writes, {store.Name}", writes.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds, "writes/s"));
    }
}
