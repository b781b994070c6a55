using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Ledger;
using OpenLedger.Ledger;
using OpenLedger.Silo.Console;
using OpenLedger.Storage;
using Orleans.Hosting;
using Orleans.Storage;

namespace OpenLedger.Silo;

/// <summary>Puts a silo together: storage, engine, grains.</summary>
public static class SiloServices
{
    /// <summary>Adds a silo to a host. The data folder is opened, and locked, at once.</summary>
    /// <param name="configure">What the host wants of the engine besides.</param>
    /// <exception cref="UserErrorException">The data folder is in use or cannot be read.</exception>
    public static void AddOpenLedgerSilo(
        this IHostApplicationBuilder builder, SiloOptions options, Action<ISiloBuilder>? configure = null)
    {
        var ids = IdSource.Secure();
        var folder = DataFolder.Open(options.DataFolder, ids);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(ids)
            .AddSingleton(TimeProvider.System)
            // Made by a factory, so that the container closes it, and with it the lock, last of all.
            .AddSingleton(_ => folder)
            .AddSingleton(provider => provider.GetRequiredService<DataFolder>().Blobs)
            .AddSingleton<BookOpener>(provider => book => Open(book, provider))
            .AddOpenLedgerGrains(Path.Combine(folder.Folder, "cache"))
            .AddSingleton<IGrainStorageSerializer, StateSerializer>()
            .AddSingleton<CallCounter>()
            .AddSingleton<NetworkStartup>();
        GrainStateTables.Create(folder.StatePath);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddIncomingGrainCallFilter<CallCountFilter>();
            silo.AddIncomingGrainCallFilter<RefusalFilter>();
            silo.AddIncomingGrainCallFilter<EnumerationFailureFilter>();
            silo.AddAdoNetGrainStorageAsDefault(storage =>
            {
                storage.Invariant = GrainStateTables.Invariant;
                storage.ConnectionString = GrainStateTables.ConnectionString(folder.StatePath);
            });
            configure?.Invoke(silo);
        });
    }

    static Task<LedgerWriter> Open(string book, IServiceProvider services)
    {
        if (book != Books.Main)
        {
            throw new UserErrorException($"There is no book '{book}' here; a silo of this release keeps one, '{Books.Main}'.");
        }

        var folder = services.GetRequiredService<DataFolder>();
        var core = LedgerCore.Open(
            folder.OpenJournal(),
            folder.OpenSigner(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IdSource>());
        return Task.FromResult(new LedgerWriter(core));
    }
}
