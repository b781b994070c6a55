namespace OpenLedger.Cluster.Tests;

/// <summary>A cluster of three silos, shared by tests that run one after another; none where there can be none.</summary>
public sealed class ThreeSilos : IAsyncLifetime
{
    /// <summary>The silo that is told that it has a CUDA device.</summary>
    public const string WithDevice = "silo3";

    string? _missing;
    SiloCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        _missing = await SiloCluster.MissingReason();
        if (_missing is null)
        {
            _cluster = await SiloCluster.Start(3, WithDevice);
        }
    }

    /// <summary>The cluster; skips the test, with the reason, where there is none.</summary>
    public SiloCluster Cluster()
    {
        if (_missing is not null)
        {
            Assert.Skip(_missing);
        }

        return _cluster!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
