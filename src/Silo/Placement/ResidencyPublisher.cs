using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Placement;

namespace OpenLedger.Silo.Placement;

/// <summary>
/// Tells the network about every second what this silo holds, and takes the table of all silos back. A call that fails or is late
/// leaves the copy as it is: it grows stale by itself.
/// </summary>
sealed partial class ResidencyPublisher : BackgroundService
{
    static readonly TimeSpan period = TimeSpan.FromSeconds(1);
    static readonly TimeSpan answerMax = TimeSpan.FromSeconds(5);

    readonly IGrainFactory _grains;
    readonly ServingHost _serving;
    readonly ResidencyTable _table;
    readonly ILocalSiloDetails _silo;
    readonly Device _device;
    readonly TimeProvider _clock;
    readonly NetworkAuthority _network;
    readonly ILogger<ResidencyPublisher> _log;

    public ResidencyPublisher(
        IGrainFactory grains,
        ServingHost serving,
        ResidencyTable table,
        ILocalSiloDetails silo,
        Device device,
        TimeProvider clock,
        NetworkAuthority network,
        ILogger<ResidencyPublisher> log)
    {
        _grains = grains;
        _serving = serving;
        _table = table;
        _silo = silo;
        _device = device;
        _clock = clock;
        _network = network;
        _log = log;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, _clock);
        do
        {
            try
            {
                var grain = _grains.GetGrain<IResidencyGrain>(ResidencyTables.Main);
                var residency = Now();
                var authorization = _network.Authorize<IResidencyGrain>(
                    ResidencyTables.Main, nameof(IResidencyGrain.Publish), RequestBody.Of(residency));
                var entries = await grain.Publish(residency, authorization).WaitAsync(answerMax, _clock, stoppingToken);
                _table.Replace(entries);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                NotPublished(_log, exception.Message);
            }
        }
        while (await Next(timer, stoppingToken));
    }

    static async Task<bool> Next(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    SiloResidency Now()
    {
        var residents = _serving.Residents;
        return new SiloResidency(
            _silo.SiloAddress.ToParsableString(),
            _device.Accelerator,
            [.. _serving.ModelIds.Take(ResidencyTables.ModelsMax)],
            FreeBytes(residents),
            [.. residents.Take(ResidencyTables.AdaptersMax)]);
    }

    /// <summary>On a device: what it has, less what lies there. On the processor: what the machine, or its container, has left.</summary>
    long FreeBytes(IReadOnlyList<AdapterResidency> residents)
    {
        if (_device.MemoryBytes > 0)
        {
            return Math.Max(0, _device.MemoryBytes - residents.Sum(resident => resident.SizeBytes));
        }

        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "What this silo holds was not published: {Reason}")]
    static partial void NotPublished(ILogger log, string reason);
}
