using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Inference;

/// <summary>A silo on which settlement fails in a chosen way: whatever happens, the payer pays once or not at all.</summary>
public sealed class SettlementFaultTests : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();
    readonly SettlementFaults _faults = new();
    IHost? _host;
    SampleNetwork? _network;

    OpenLedgerClient Client => _network!.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter(null, LogLevel.Critical);
        builder.Services.AddSingleton(_faults);
        builder.AddOpenLedgerSilo(TrainedNetwork.Options(_folder), silo => silo.AddIncomingGrainCallFilter<SettlementFaultFilter>());
        _host = builder.Build();
        await _host.StartAsync();
        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        await _host.Services.GetRequiredService<NetworkStartup>().Run(grains, CancellationToken.None);
        _network = new SampleNetwork(_host.Services);
        await _network.OpenAccounts();
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_settlement_that_is_refused_gives_everything_back()
    {
        var before = await Balance();
        _faults.Arm(new RefusedException("refused for the test"), 1, after: false);
        var act = () => Client.Complete(SampleNetwork.Request("rq_refused", TinyModel.Id));
        await act.Should().ThrowAsync<RefusedException>().WithMessage("*refused for the test*");
        (await Balance()).Should().Be(before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_settlement_whose_outcome_is_unknown_is_asked_for_again_and_charged_once(bool after)
    {
        var before = await Balance();
        _faults.Arm(new UnavailableException("gone for the test"), 2, after);
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_again", TinyModel.Id))).Settlement;

        _faults.Left.Should().Be(0);
        (await Balance()).Should().Be(before with
        {
            Available = before.Available - settlement.Fee,
            DebitsPosted = before.DebitsPosted + settlement.Fee,
        });
        (await Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
        (await _network!.Balance(SystemAccounts.Escrow)).Available.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task A_failure_nobody_expected_after_the_settlement_charges_what_the_receipt_says()
    {
        var before = await Balance();
        _faults.Arm(new InvalidOperationException("a defect for the test"), 1, after: true);
        var act = () => Client.Complete(SampleNetwork.Request("rq_defect", TinyModel.Id));
        await act.Should().ThrowAsync<Exception>();
        var again = () => Client.Complete(SampleNetwork.Request("rq_defect", TinyModel.Id));
        var refusal = (await again.Should().ThrowAsync<RefusedException>()).Which.Message;
        var receiptId = refusal[refusal.IndexOf("rc_", StringComparison.Ordinal)..].TrimEnd('.');
        var price = Receipt.FromBytes((await Client.Ledger.GetReceipt(receiptId)).Receipt.Span).Price;
        var balance = await Balance();
        (balance.Available, balance.Held).Should().Be((before.Available - price, Amount.Zero));
    }

    Task<AccountBalance> Balance() => _network!.Balance(SampleNetwork.Caller);
}

/// <summary>How the next settlements fail.</summary>
public sealed class SettlementFaults
{
    Exception? _failure;
    bool _after;

    public int Left { get; private set; }

    public void Arm(Exception failure, int count, bool after) => (_failure, Left, _after) = (failure, count, after);

    public async Task Pass(Func<Task> call)
    {
        if (Left == 0)
        {
            await call();
            return;
        }

        Left--;
        if (_after)
        {
            await call();
        }

        throw _failure!;
    }
}

/// <summary>Lets <see cref="SettlementFaults"/> decide over every settlement.</summary>
public sealed class SettlementFaultFilter(SettlementFaults faults) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) =>
        context.InterfaceMethod.DeclaringType == typeof(ILedgerGrain) && context.InterfaceMethod.Name == nameof(ILedgerGrain.Settle)
            ? faults.Pass(context.Invoke)
            : context.Invoke();
}
