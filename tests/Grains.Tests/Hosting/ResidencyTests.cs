using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenLedger.Client;
using OpenLedger.Grains.Hosting;
using OpenLedger.Silo;
using OpenLedger.Testing;
using Orleans.Configuration;

namespace OpenLedger.Grains.Tests.Hosting;

/// <summary>An adapter's activation is its residency: when it ends, the weights go; when it comes back, so do they.</summary>
public sealed class ResidencyTests
{
    static readonly TimeSpan idleAge = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan quantum = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task An_idle_adapter_frees_its_memory_and_the_next_request_loads_it_again()
    {
        using var folder = new TemporaryFolder();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddOpenLedgerSilo(TrainedNetwork.Options(folder));
        builder.Services.Configure<GrainCollectionOptions>(options =>
        {
            // Every grain is collected, the book's too: nothing may depend on an activation that stays.
            options.CollectionQuantum = quantum;
            options.CollectionAge = idleAge;
        });
        var host = builder.Build();
        await host.StartAsync();
        try
        {
            var grains = host.Services.GetRequiredService<IGrainFactory>();
            var serving = host.Services.GetRequiredService<ServingHost>();
            await host.Services.GetRequiredService<NetworkStartup>().Run(grains, CancellationToken.None);
            var network = await SampleNetwork.Play(host.Services);
            var first = await network.Client.Complete(SampleNetwork.Request("rq_first"));
            serving.ResidentAdapterCount.Should().Be(1);

            var resident = await Polling.Until(() => Task.FromResult(serving.ResidentAdapterCount), count => count == 0);

            resident.Should().Be(0);
            var second = await network.Client.Complete(SampleNetwork.Request("rq_second"));
            second.Text.Should().Be(first.Text);
            second.Settlement.Lines.Should().Equal(first.Settlement.Lines);
            (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
        }
        finally
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
