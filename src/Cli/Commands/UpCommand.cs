using System.CommandLine;
using System.Globalization;
using OpenLedger.Silo;
using OpenLedger.Silo.Configuration;
using OpenLedger.Silo.Gateway;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger up</c>: a silo with an HTTP surface, until it is interrupted; alone, or one of a cluster.</summary>
static class UpCommand
{
    static readonly Option<string> data = CommonOptions.Data();

    static readonly Option<string> model = CommonOptions.Model();

    static readonly Option<string> url = new("--url")
    {
        Description = "Where to listen. Whoever reaches it can ask at the local account's expense: keep it on this machine.",
        DefaultValueFactory = _ => "http://127.0.0.1:7070",
    };

    static readonly Option<string?> config = new("--config")
    {
        Description = "A JSON file with a section OpenLedger; without it, appsettings.json here, where there is one. The environment "
            + "(OpenLedger__Cluster__SiloPort, say) goes before it, and options of the command line before both.",
        HelpName = "file",
    };

    static readonly Option<string?> cluster = new("--cluster")
    {
        Description = "Join the cluster whose silos share this PostgreSQL database: 'Host=…;Database=…;Username=…'. Others see a command "
            + "line: leave the password to PGPASSFILE, or give it all as OpenLedger__Storage__ConnectionString.",
        HelpName = "connection",
    };

    static readonly Option<string?> logKey = new("--log-key")
    {
        Description = "File of the key that signs the log: keys/log.key of the cluster's first silo. Without it, the data folder's own.",
        HelpName = "file",
    };

    static readonly Option<string?> address = new("--advertise")
    {
        Description = "IP address at which other silos reach this one; a private one, as silo ports carry no authentication.",
        HelpName = "address",
    };

    static readonly Option<int?> siloPort = new("--silo-port") { Description = "Port for other silos; 11111 in a cluster." };

    static readonly Option<int?> gatewayPort = new("--gateway-port") { Description = "Port for clients; 30000 in a cluster." };

    public static Command Build()
    {
        var command = new Command(
            "up",
            "Start a silo with HTTP: /v1/models, /v1/completions (streaming too), /receipts/{id}, and the operators' console at /.\n"
            + "Stop it with Ctrl+C.\n"
            + "On a demo's data folder (--data) it serves the adapter that the demo trained. With --cluster it is one silo of several.")
        {
            data, model, url, config, cluster, logKey, address, siloPort, gatewayPort,
        };
        command.SetAction((result, cancellationToken) => Run(Options(result), result.GetRequiredValue(url), cancellationToken));
        return command;
    }

    /// <summary>Defaults, then the file, then the environment, then what the command line says.</summary>
    static SiloOptions Options(ParseResult result)
    {
        var isCluster = result.GetValue(cluster) is not null;
        var overrides = new Dictionary<string, string?>
        {
            ["DataFolder"] = Said(result, data) ? result.GetRequiredValue(data) : null,
            ["LogKeyFile"] = result.GetValue(logKey),
            ["Storage:Kind"] = isCluster ? nameof(StorageKind.PostgreSql) : null,
            ["Storage:ConnectionString"] = result.GetValue(cluster),
            ["Cluster:Clustering"] = isCluster ? nameof(ClusteringKind.AdoNet) : null,
            ["Cluster:AdvertisedAddress"] = result.GetValue(address),
            ["Cluster:SiloPort"] = result.GetValue(siloPort)?.ToString(CultureInfo.InvariantCulture),
            ["Cluster:GatewayPort"] = result.GetValue(gatewayPort)?.ToString(CultureInfo.InvariantCulture),
        };
        if (Said(result, model))
        {
            var folder = result.GetRequiredValue(model);
            overrides[$"Models:{SiloOptions.ModelId(folder)}"] = folder;
        }

        var shipped = result.GetRequiredValue(model);
        var defaults = new SiloOptions
        {
            DataFolder = CommonOptions.DataFolderDefault,
            Models = new Dictionary<string, string>(StringComparer.Ordinal) { [SiloOptions.ModelId(shipped)] = shipped },
        };
        var configuration = SiloConfiguration.Load(
            result.GetValue(config),
            overrides.ToDictionary(pair => $"{SiloConfiguration.Section}:{pair.Key}", pair => pair.Value, StringComparer.Ordinal));
        var options = SiloConfiguration.Read(configuration, defaults);
        return options with { DataFolder = Path.GetFullPath(options.DataFolder) };
    }

    static bool Said<T>(ParseResult result, Option<T> option) => result.GetResult(option) is { Implicit: false };

    static async Task<int> Run(SiloOptions options, string url, CancellationToken cancellationToken)
    {
        await using var server = await GatewayServer.Start(options, url, cancellationToken);
        Console.WriteLine($"OpenLedger is up at {server.Url}, data in {options.DataFolder}");
        if (options.Cluster.Clustering == ClusteringKind.AdoNet)
        {
            Console.WriteLine(
                $"  silo     {server.Silo}, of cluster {options.Cluster.ClusterId}, over {options.Storage.Describe()}");
        }

        Console.WriteLine($"  console  {server.ConsoleUrl}");
        Console.WriteLine($"  models   curl {server.Url}/v1/models");
        Console.WriteLine($"  ask      curl {server.Url}/v1/completions -H 'content-type: application/json' \\");
        Console.WriteLine(
            $"             -d '{{\"model\":\"{await server.ExampleModel()}\","
            + "\"prompt\":\"Q: What does throb mean?\\nA:\",\"max_tokens\":16}'");
        Console.WriteLine($"  account  {server.LocalAccount} pays where a request carries no account's signature");
        await server.WaitForStop(cancellationToken);
        Console.WriteLine("stopping");
        return ExitCodes.Success;
    }
}
