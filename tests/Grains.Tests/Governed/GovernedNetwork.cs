using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;

namespace OpenLedger.Testing;

/// <summary>A silo whose clock a test sets forward: weeks of voting and years of vesting pass by the network's own rules.</summary>
sealed class GovernedNetwork : IAsyncDisposable
{
    readonly IHost _host;
    readonly AccountKeys _keys = new();

    GovernedNetwork(IHost host, ShiftedTime clock)
    {
        _host = host;
        Clock = clock;
        Ada = NewAccount("ada");
        Ben = NewAccount("ben");
        Guardian = NewAccount("guardian");
        Client = new OpenLedgerClient(Grains, TimeProvider.System, _keys);
    }

    public ShiftedTime Clock { get; }

    public OpenLedgerClient Client { get; }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    public NetworkLedger Ledger => _host.Services.GetRequiredService<NetworkLedger>();

    public string Ada { get; }

    public string Ben { get; }

    public string Guardian { get; }

    public static string AddressOf(string name)
    {
        using var key = SampleNetwork.NewKey(name);
        return key.Address;
    }

    public static async Task<GovernedNetwork> Start(
        TemporaryFolder folder, ShiftedTime? clock = null, IReadOnlyDictionary<string, string>? parameters = null)
    {
        clock ??= new ShiftedTime();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter(null, LogLevel.Error);
        builder.AddOpenLedgerSilo(new SiloOptions
        {
            DataFolder = folder.At("data"),
            Parameters = parameters ?? new Dictionary<string, string>(StringComparer.Ordinal) { ["guardian"] = AddressOf("guardian") },
        });
        builder.Services.AddSingleton<TimeProvider>(clock);
        var network = new GovernedNetwork(builder.Build(), clock);
        try
        {
            await network._host.StartAsync();
            await network.Services.GetRequiredService<NetworkStartup>().Run(network.Grains, CancellationToken.None);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an account and funds it out of the treasury, once for each account.</summary>
    public async Task Fund(string account, ulong open)
    {
        await Ledger.OpenAccounts([account]);
        var order = new TransferOrder(
            TransferId.From($"fund/{account}").ToString(), TransferKind.Posted, SystemAccounts.Treasury, account, Amount.FromOpen(open));
        (await Ledger.Transfer([order]))[0].Accepted.Should().BeTrue();
    }

    /// <summary>Ada with 60,000 OPEN that she votes with, Ben with 40,000 that he votes with.</summary>
    public async Task LockForVoting()
    {
        await Fund(Ada, 100_000);
        await Fund(Ben, 100_000);
        await Client.Governance.Lock(new LockVotes("lock-1", Ada, Amount.FromOpen(60_000), Ada));
        await Client.Governance.Lock(new LockVotes("lock-1", Ben, Amount.FromOpen(40_000), Ben));
        Clock.Advance(TimeSpan.FromSeconds(1));
    }

    public Task<ProposalCard> Propose(string proposer, string title, params (string Name, string Value)[] changes) =>
        Client.Governance.Propose(new ProposeChanges(
            $"propose/{title}",
            proposer,
            title,
            "Why it should be.",
            [.. changes.Select(each => new ParameterValue(each.Name, each.Value))]));

    /// <summary>Votes for a proposal when voting has begun, waits for its end, queues it and waits for the timelock.</summary>
    public async Task<ProposalCard> CarryUntilDue(string proposalId)
    {
        Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await Client.Governance.Vote(new CastVote(proposalId, Ada, VoteChoice.For));
        Clock.Advance(TimeSpan.FromDays(7));
        var queued = await Client.Governance.Queue(proposalId);
        Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1));
        return queued;
    }

    public async Task<Amount> Balance(string account) => (await Ledger.GetBalances([account]))[0].Available;

    public async Task<string> Parameter(string name) =>
        (await Client.Governance.GetParameters()).Values.Single(each => each.Name == name).Value;

    /// <summary>An account of that name, whose key the client has; requests are signed by the network's clock.</summary>
    public string NewAccount(string name)
    {
        var key = SampleNetwork.NewKey(name, Clock);
        _keys.Add(key);
        return key.Address;
    }

    public byte[] PublicKey(string account) => _keys.Of(account).PublicKey.ToArray();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
