using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Placement;
using OpenLedger.Ledger;
using OpenLedger.Silo.Configuration;
using OpenLedger.Silo.Console;
using OpenLedger.Silo.Log;
using OpenLedger.Silo.Placement;
using OpenLedger.Storage;
using Orleans.Hosting;
using Orleans.Storage;

namespace OpenLedger.Silo;

/// <summary>Puts a silo together: storage, engine, grains.</summary>
public static class SiloServices
{
    /// <summary>Adds a silo to a host. The data folder is opened and locked, and the database brought up to date, at once.</summary>
    /// <param name="configure">What the host wants of the engine besides.</param>
    /// <exception cref="UserErrorException">
    /// An option cannot stand, the data folder is in use or cannot be read, or the database does not answer.
    /// </exception>
    public static void AddOpenLedgerSilo(
        this IHostApplicationBuilder builder, SiloOptions options, Action<ISiloBuilder>? configure = null)
    {
        SiloConfiguration.Check(options);

        // Before anything is opened: an engine that has no clusters refuses one here.
        builder.UseOrleans(silo => silo.UseOpenLedgerCluster(options));
        var ids = IdSource.Secure();
        var folder = DataFolder.Open(options.DataFolder, ids);
        SiloStorage storage;
        try
        {
            storage = SiloStorage.Open(options, folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        var device = DeviceProbe.Find(options.Hardware.Accelerator);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(ids)
            .AddSingleton(TimeProvider.System)
            // Made by factories, each by way of the one before, so that the container closes the folder, and with it the lock, last.
            .AddSingleton(_ => folder)
            .AddSingleton(provider => storage.Under(provider.GetRequiredService<DataFolder>()))
            .AddSingleton(provider => provider.GetRequiredService<SiloStorage>().LogKey)
            .AddSingleton(provider => provider.GetRequiredService<LogKey>().OfNetwork())
            .AddSingleton(provider => provider.GetRequiredService<SiloStorage>().Blobs)
            .AddSingleton(provider => provider.GetRequiredService<SiloStorage>().Tiles)
            .AddSingleton(device)
            .AddSingleton<BookOpener>(provider => book => Open(book, provider))
            .AddSingleton(GenesisParameters.Of(options.Parameters))
            .AddOpenLedgerGrains(Path.Combine(folder.Folder, "cache"))
            .AddSingleton<IGrainStorageSerializer, StateSerializer>()
            .AddSingleton<CallCounter>()
            .AddSingleton<NetworkStartup>();
        builder.UseOrleans(silo =>
        {
            silo.UseOpenLedgerPlacement(device);
            silo.AddIncomingGrainCallFilter<CallCountFilter>();
            silo.AddIncomingGrainCallFilter<RefusalFilter>();
            silo.AddIncomingGrainCallFilter<EnumerationFailureFilter>();
            storage.Configure(silo);
            configure?.Invoke(silo);
        });

        // After the engine's own, so that it publishes only while the silo takes calls.
        builder.Services.AddHostedService<ResidencyPublisher>();
    }

    static Task<LedgerWriter> Open(string book, IServiceProvider services)
    {
        if (book != Books.Main)
        {
            throw new UserErrorException($"There is no book '{book}' here; a silo of this release keeps one, '{Books.Main}'.");
        }

        var storage = services.GetRequiredService<SiloStorage>();

        // Replaying takes as long as the journal is, and runs beside the grain's turn.
        return Task.Run(() =>
        {
            var clock = services.GetRequiredService<TimeProvider>();
            var writer = new LedgerWriter(LedgerCore.Open(
                storage.OpenJournal(),
                storage.LogKey.Open(),
                clock,
                services.GetRequiredService<IdSource>(),
                storage.Tiles,
                storage.LedgerFiles));
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<LogPublisher>();
            LogPublisher.Start(writer, storage.Tiles, services.GetRequiredService<SiloOptions>().Log, clock, logger);
            return writer;
        });
    }
}
