using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests;

/// <summary>One silo with a deployed adapter, shared by tests that run one after another.</summary>
public sealed class TrainedNetwork : IAsyncLifetime
{
    public const string Name = "trained network";

    readonly TemporaryFolder _folder = new();
    EmbeddedSilo? _silo;
    SampleNetwork? _network;

    internal SampleNetwork Network => _network!;

    internal OpenLedgerClient Client => Network.Client;

    internal EmbeddedSilo Silo => _silo!;

    internal T Service<T>()
        where T : notnull => _silo!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        _silo = await EmbeddedSilo.Start(Options(_folder));
        _network = await SampleNetwork.Play(_silo.Services);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal static SiloOptions Options(TemporaryFolder folder) => new()
    {
        DataFolder = folder.At("data"),
        Models = new Dictionary<string, string>(StringComparer.Ordinal) { [TinyModel.Id] = TinyModel.Write(folder.At("models")) },
    };
}

[CollectionDefinition(TrainedNetwork.Name)]
public sealed class TrainedNetworkCollection : ICollectionFixture<TrainedNetwork>;
