using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenLedger.Silo;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace OpenLedger.Bench.Actors;

/// <summary>A silo of the engine that is built in, with a filter on either side of every call.</summary>
sealed class ActorHost : IAsyncDisposable
{
    /// <summary>Key of the request's context that every measured caller sets.</summary>
    public const string TraceKey = "bench-trace";

    readonly IHost _host;

    ActorHost(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>The engine's assembly and version.</summary>
    public static string EngineName
    {
        get
        {
            var name = typeof(Grain).Assembly.GetName();
            return $"{name.Name} {name.Version}";
        }
    }

    public static async Task<ActorHost> Start(Action<ISiloBuilder> storage)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddIncomingGrainCallFilter(context => context.Invoke());
            silo.AddOutgoingGrainCallFilter(context => context.Invoke());
            silo.Services.AddSingleton<IGrainStorageSerializer, StateSerializer>();
            storage(silo);
        });
        var host = new ActorHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
