using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Placement;
using OpenLedger.Testing;
using OpenLedger.TestKit;

namespace OpenLedger.Cluster.Tests;

/// <summary>Silo processes over a private PostgreSQL, and a client of them in this process.</summary>
public sealed class SiloCluster : IAsyncDisposable
{
    const string Database = "openledger";

    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, (SiloProcess Process, int Port)> _silos = new(StringComparer.Ordinal);
    readonly string _model;
    readonly PostgresServer _server;
    readonly string _connection;
    readonly string? _withDevice;
    IHost? _client;
    string? _logKey;

    SiloCluster(PostgresServer server, string connection, string? withDevice)
    {
        _server = server;
        _connection = connection;
        _withDevice = withDevice;
        _model = TinyModel.Write(_folder.At("models"));
    }

    public PostgresServer Server => _server;

    public OpenLedgerClient Client { get; private set; } = null!;

    public IGrainFactory Grains => _client!.Services.GetRequiredService<IGrainFactory>();

    internal IReadOnlyCollection<string> Names => _silos.Keys;

    /// <summary>
    /// Why there can be no cluster: no PostgreSQL, or an engine of one process, which refuses a client of a cluster in its own words.
    /// </summary>
    public static async Task<string?> MissingReason()
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            return reason;
        }

        try
        {
            // An address where nothing listens: an engine with clusters fails to connect, one without refuses before.
            using var probe = ClientHost("Host=127.0.0.1;Port=1;Database=none;Username=none;Timeout=1");
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await probe.StartAsync(soon.Token);
            return null;
        }
        catch (OrleansConfigurationException exception)
        {
            return exception.Message;
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Starts so many silos, one after another, as operators do.</summary>
    /// <param name="withDevice">The silo that is told that it has a CUDA device; the others are told that they have none.</param>
    public static async Task<SiloCluster> Start(int siloCount, string? withDevice = null)
    {
        var server = await PostgresServer.Start();
        var cluster = new SiloCluster(server, await server.CreateDatabase(Database), withDevice);
        try
        {
            for (var number = 1; number <= siloCount; number++)
            {
                await cluster.StartSilo($"silo{number}");
            }

            await cluster.Connect();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo, or one again that was killed: on its own folder, with new ports.</summary>
    public async Task StartSilo(string name)
    {
        if (_silos.Remove(name, out var former))
        {
            await former.Process.DisposeAsync();
        }

        var port = FreePort();
        var data = _folder.At(name);
        List<string> arguments =
        [
            "--data", data, "--model", _model, "--url", "http://127.0.0.1:0",
            "--silo-port", Text(port), "--gateway-port", Text(FreePort()),
        ];
        if (_logKey is not null)
        {
            arguments.AddRange(["--log-key", _logKey]);
        }

        var environment = new Dictionary<string, string>
        {
            ["OpenLedger__Storage__Kind"] = "PostgreSql",
            ["OpenLedger__Storage__ConnectionString"] = _connection,
            ["OpenLedger__Cluster__Clustering"] = "AdoNet",
            ["OpenLedger__Hardware__Accelerator"] = name == _withDevice ? Accelerators.Cuda : Accelerators.Cpu,
        };
        var process = await SiloProcess.Start(_folder.Path, environment, [.. arguments]);
        _silos[name] = (process, port);
        _logKey ??= Path.Combine(data, "keys", "log.key");
    }

    internal string Connection => _connection;

    /// <summary>People on the cluster, and the hand that funds them: it has the log's key, as every silo has.</summary>
    internal SampleNetwork Network()
    {
        using var log = NoteSigner.Parse(File.ReadAllText(_logKey!).Trim());
        var authority = new NetworkAuthority(NetworkKey.Of(log), TimeProvider.System, IdSource.Secure());
        return new SampleNetwork(Grains, new NetworkLedger(Grains, authority));
    }

    internal SiloProcess Silo(string name) => _silos[name].Process;

    /// <summary>On which silo a grain is activated; null where on none.</summary>
    public async Task<string?> HolderOf(string key)
    {
        var statistics = await new Repetition(TimeProvider.System).Run(
            () => Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics());
        var place = statistics.FirstOrDefault(each => each.GrainId.Key.ToString() == key)?.SiloAddress.Endpoint.Port;
        return _silos.FirstOrDefault(silo => silo.Value.Port == place).Key;
    }

    /// <summary>What the membership table says of every silo that is or was.</summary>
    public async Task<IReadOnlyDictionary<SiloAddress, SiloStatus>> Statuses() =>
        await new Repetition(TimeProvider.System).Run(() => Grains.GetGrain<IManagementGrain>(0).GetHosts());

    /// <summary>Whether a silo that runs under this name is still a member, by the table.</summary>
    public async Task<bool> IsActive(string name) =>
        (await Statuses()).Any(each => each.Key.Endpoint.Port == _silos[name].Port && each.Value == SiloStatus.Active);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await _client.StopAsync(soon.Token);
            }
            catch (OperationCanceledException)
            {
                // The silos may be gone already: nothing waits for them.
            }

            _client.Dispose();
        }

        foreach (var (process, _) in _silos.Values)
        {
            await process.DisposeAsync();
        }

        await _server.DisposeAsync();
        _folder.Dispose();
    }

    async Task Connect()
    {
        _client = ClientHost(_connection);
        await _client.StartAsync();
        Client = SampleNetwork.Connect(Grains);
    }

    static IHost ClientHost(string connection)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter(null, LogLevel.Error);
        builder.UseOrleansClient(client => client.UseOpenLedgerCluster(connection));
        return builder.Build();
    }

    static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
