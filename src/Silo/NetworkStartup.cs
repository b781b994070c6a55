using OpenLedger.Grains;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;
using OpenLedger.Grains.Placement;
using OpenLedger.Grains.Treasury;

namespace OpenLedger.Silo;

/// <summary>What every start makes sure of: the network's accounts and supply exist, and the base models are registered.</summary>
public sealed class NetworkStartup
{
    readonly SiloOptions _options;
    readonly IBlobStore _blobs;
    /// <summary>A silo whose table does not come places by hash, and starts all the same.</summary>
    static readonly TimeSpan tableWaitMax = TimeSpan.FromSeconds(5);

    readonly ResidencyTable _table;
    readonly TimeProvider _clock;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly Repetition _repetition;

    public NetworkStartup(
        SiloOptions options,
        IBlobStore blobs,
        ResidencyTable table,
        TimeProvider clock,
        NetworkLedger ledger,
        NetworkAuthority network)
    {
        _ledger = ledger;
        _network = network;
        _options = options;
        _blobs = blobs;
        _table = table;
        _clock = clock;
        _repetition = new Repetition(clock);
    }

    /// <summary>Idempotent: a second start changes nothing, nor does that of several silos at once.</summary>
    public async Task Run(IGrainFactory grains, CancellationToken cancellationToken)
    {
        await _repetition.Run(_ledger.Genesis, cancellationToken);

        // The first call writes down what the network begins with, and sets the treasury's reminder.
        await _repetition.Run(() => grains.GetGrain<IGovernanceGrain>(Networks.Main).GetParameters(), cancellationToken);
        await _repetition.Run(() => grains.GetGrain<ITreasuryGrain>(Networks.Main).GetSupply(), cancellationToken);
        foreach (var (id, folder) in _options.Models)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Register(grains, id, folder, cancellationToken);
        }

        await _table.Filled.WaitAsync(tableWaitMax, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    async Task Register(IGrainFactory grains, string modelId, string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new UserErrorException($"There is no model folder '{folder}'. Name one with --model.");
        }

        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in ModelFileNames.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            await using var file = File.OpenRead(Path.Combine(folder, name));
            files[name] = (await _blobs.PutAsync(file, cancellationToken)).ToString();
        }

        var modelName = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var command = new RegisterModel(modelName, SystemAccounts.Platform, files);
        await _repetition.Run(
            () => grains.GetGrain<IModelGrain>(modelId).Register(
                command, _network.Authorize<IModelGrain>(modelId, nameof(IModelGrain.Register), RequestBody.Of(command))),
            cancellationToken);
    }

    static readonly string[] ModelFileNames = ["config.json", "model.safetensors", "tokenizer.json"];
}
