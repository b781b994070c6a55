using OpenLedger.Storage;
using Orleans.Hosting;

namespace OpenLedger.Bench.Actors;

/// <summary>A store that states are written to.</summary>
sealed record StateStore(string Name, Action<ISiloBuilder> Configure, Action Remove) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The stores of this machine.</summary>
static class StateStores
{
    public static IEnumerable<StateStore> All()
    {
        yield return Sqlite();
    }

    static StateStore Sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("openledger-bench-").FullName;
        var path = Path.Combine(folder, "state.db");
        GrainStateTables.Create(path);
        return new(
            "SQLite",
            silo => silo.AddAdoNetGrainStorageAsDefault(options =>
            {
                options.Invariant = "System.Data.SQLite";
                options.ConnectionString = $"Data Source={path};Pooling=False";
            }),
            () => Directory.Delete(folder, recursive: true));
    }
}
