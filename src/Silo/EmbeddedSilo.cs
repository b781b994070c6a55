using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OpenLedger.Silo;

/// <summary>A silo in this process, without any network surface of its own.</summary>
public sealed class EmbeddedSilo : IAsyncDisposable
{
    readonly IHost _host;

    EmbeddedSilo(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    /// <exception cref="UserErrorException">The data folder is in use or not readable, or a model folder is not a model.</exception>
    public static async Task<EmbeddedSilo> Start(SiloOptions options, CancellationToken cancellationToken = default)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter(null, LogLevel.Warning);
        builder.AddOpenLedgerSilo(options);
        var silo = new EmbeddedSilo(builder.Build());
        try
        {
            await silo._host.StartAsync(cancellationToken);
            await silo.Services.GetRequiredService<NetworkStartup>().Run(silo.Grains, cancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            _host.Dispose();
        }
    }
}
