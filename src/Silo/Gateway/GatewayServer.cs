using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;
using OpenLedger.Silo.Console;
using Orleans.Dashboard;

namespace OpenLedger.Silo.Gateway;

/// <summary>A silo with the first HTTP surface. Without authentication: for one trusted machine.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    /// <summary>What the local account is given once, in OPEN, out of the treasury.</summary>
    const ulong LocalFundsOpen = 100;

    /// <summary>Largest body of a request, in bytes.</summary>
    const long BodyBytesMax = 1_000_000;

    /// <summary>Where the engine's own dashboard is.</summary>
    const string DashboardPath = "/orleans";

    readonly WebApplication _application;
    readonly AccountKey _localKey;

    GatewayServer(WebApplication application, AccountKey localKey)
    {
        _application = application;
        _localKey = localKey;
    }

    /// <summary>The account that pays where a request carries no account's signature. The gateway signs for it.</summary>
    public string LocalAccount => _localKey.Address;

    /// <summary>This silo's address among the silos, as the engine writes it.</summary>
    public string Silo => _application.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString();

    public string Url => _application.Urls.First();

    /// <summary>The operators' pages, for a browser.</summary>
    public string ConsoleUrl => ConsoleEndpoints.UrlOf(Url);

    internal IServiceProvider Services => _application.Services;

    public IGrainFactory Grains => _application.Services.GetRequiredService<IGrainFactory>();

    /// <exception cref="UserErrorException">
    /// The data folder is in use, a model is not a model, the address cannot be bound, or the operator token is too short.
    /// </exception>
    public static Task<GatewayServer> Start(SiloOptions options, string url, CancellationToken cancellationToken = default) =>
        Start(options, url, _ => { }, cancellationToken);

    /// <inheritdoc cref="Start(SiloOptions, string, CancellationToken)"/>
    /// <param name="configure">Configures the host last.</param>
    internal static async Task<GatewayServer> Start(
        SiloOptions options, string url, Action<WebApplicationBuilder> configure, CancellationToken cancellationToken = default)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
        {
            throw new UserErrorException($"'{url}' is not an address to listen on; take http://127.0.0.1:7070, say.");
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter(null, LogLevel.Warning);

        // It warns of keys in clear text on a disk, where ours never are, and of headers that it sets itself.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = BodyBytesMax);
        configure(builder);
        builder.Services.AddSingleton<IOperatorView, OperatorView>().AddConsole(options.Console.Or(builder.Configuration));
        builder.AddOpenLedgerSilo(options, silo => silo.AddDashboard());
        var application = builder.Build();
        application.Urls.Add(url);
        var services = application.Services;
        var localKey = services.GetRequiredService<LogKey>()
            .OpenLocalAccount(services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IdSource>());
        application.MapConsole();
        application.MapOrleansDashboard(DashboardPath).RequireAuthorization(OperatorPolicy.Name);
        application.MapOpenLedger(localKey);
        application.MapLog();
        var server = new GatewayServer(application, localKey);
        try
        {
            await application.StartAsync(cancellationToken);
            await application.Services.GetRequiredService<NetworkStartup>().Run(server.Grains, cancellationToken);
            await FundLocalAccount(services, localKey.Address);
            return server;
        }
        catch (IOException exception)
        {
            await server.DisposeAsync();
            throw new UserErrorException($"{url} cannot be listened on: {exception.Message}", exception);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An adapter that is deployed here, or a base model where there is none.</summary>
    public async Task<string> ExampleModel()
    {
        var models = _application.Services.GetRequiredService<SiloOptions>().Models.Keys.Order(StringComparer.Ordinal).ToList();
        foreach (var model in models)
        {
            if (await Grains.GetGrain<IModelGrain>(model).GetAdapters() is { Count: > 0 } adapters)
            {
                return adapters[0];
            }
        }

        return models.FirstOrDefault() ?? "";
    }

    /// <summary>Waits until the process is asked to stop.</summary>
    public Task WaitForStop(CancellationToken cancellationToken) => _application.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _localKey.Dispose();
    }

    static async Task FundLocalAccount(IServiceProvider services, string account)
    {
        var ledger = services.GetRequiredService<NetworkLedger>();
        var funds = new TransferOrder(
            TransferId.From($"local-funds/{account}").ToString(),
            TransferKind.Posted,
            SystemAccounts.Treasury,
            account,
            Amount.FromOpen(LocalFundsOpen));
        var repetition = new Repetition(services.GetRequiredService<TimeProvider>());
        await repetition.Run(() => ledger.OpenAccounts([account]));
        await repetition.Run(() => ledger.Transfer([funds]));
    }
}
