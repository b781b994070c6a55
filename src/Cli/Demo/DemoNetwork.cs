using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Staking;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>The demo's people: who contributes, who trains, who asks, and what they hold.</summary>
sealed class DemoNetwork
{
    /// <summary>What the caller is given to spend, in OPEN.</summary>
    const ulong CallerFundsOpen = 100;

    readonly OpenLedgerClient _client;
    readonly DemoSamples _samples;
    readonly long _seed;

    readonly DemoIdentity _identity;
    readonly EmbeddedSilo _silo;

    public DemoNetwork(EmbeddedSilo silo, DemoIdentity identity, DemoSamples samples, long seed)
    {
        _silo = silo;
        _identity = identity;
        _samples = samples;
        _seed = seed;
        Contributors = [.. samples.Files.Select(file => Key($"contributor/{file.Contributor}"))];
        Caller = Key("caller").Address;
        Trainer = Key("trainer").Address;
        Names = samples.Files.Select((file, index) => (Contributors[index].Address, file.Contributor))
            .Append((Caller, "the caller"))
            .Append((Trainer, "the adapter's owner"))
            .Append((SystemAccounts.Platform, "the platform"))
            .Append((SystemAccounts.Stakers, "the stakers"))
            .Append((SystemAccounts.Reserve, "the base reserve"))
            .Append((SystemAccounts.Treasury, "the treasury"))
            .Append((PoolAccounts.OfAdapter(AdapterId), "the contributors' pool"))
            .Append((PoolAccounts.OfStakes(StakingPools.Network), "the network's staking pool"))
            .Append((PoolAccounts.OfStakes(GrainKeys.OfStakingPool(DatanetId)), "the Datanet's staking pool"))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);
        Keys = new AccountKeys(
        [
            identity.Key("caller"),
            identity.Key("trainer"),
            .. samples.Files.Select(file => identity.Key($"contributor/{file.Contributor}")),
        ]);
        _client = identity.Connect(silo, Keys);
    }

    /// <summary>A client that signs with everybody's key.</summary>
    public OpenLedgerClient Client => _client;

    /// <summary>Everybody's keys; the caller's is the first.</summary>
    public AccountKeys Keys { get; }

    public IReadOnlyList<(string Address, byte[] PublicKey)> Contributors { get; }

    public string Caller { get; }

    public string Trainer { get; }

    /// <summary>What to call an account on screen.</summary>
    public IReadOnlyDictionary<string, string> Names { get; }

    public string DatanetId => GrainKeys.OfDatanet(_samples.Datanet.Name);

    public string AdapterId => GrainKeys.OfAdapter(_samples.Datanet.Name);

    public string JobId => GrainKeys.OfTrainingJob($"{_samples.Datanet.Name}_{_seed}");

    /// <summary>Every account whose balance the demo compares.</summary>
    public IReadOnlyList<string> Accounts => [.. Names.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Opens the accounts and funds the caller out of the treasury.</summary>
    public async Task OpenAccounts()
    {
        await _client.Ledger.OpenAccounts([.. Contributors.Select(contributor => contributor.Address), Caller, Trainer]);
        await _identity.Fund(_silo, Caller, Amount.FromOpen(CallerFundsOpen));
        for (var index = 0; index < Contributors.Count; index++)
        {
            var (address, publicKey) = Contributors[index];
            await _client.Accounts.Register(address, _samples.Files[index].Contributor, publicKey);
        }
    }

    /// <summary>Creates the Datanet, contributes every file, publishes a version and grants its reading to the trainer.</summary>
    /// <param name="modelId">The base model whose context every row must fit.</param>
    public async Task<(DatanetVersionCard Version, IReadOnlyList<(string Name, int Rows)> Contributions)> FillDatanet(string modelId)
    {
        var card = _samples.Datanet;
        await _client.Datanets.Create(DatanetId, new CreateDatanet(card.Title, card.Description, card.Licence, Trainer, modelId));
        var contributions = new List<(string, int)>();
        for (var index = 0; index < Contributors.Count; index++)
        {
            var file = _samples.Files[index];
            var id = $"ct_{_seed}_{index}";
            var receipt = await _client.Datanets.Contribute(
                DatanetId,
                new Contribution(id, Contributors[index].Address, file.Name, file.Content));
            contributions.Add((file.Contributor, receipt.RowCount));
        }

        var version = await _client.Datanets.Publish(DatanetId);
        await _client.Datanets.Grant(DatanetId, new AccessGrant(Trainer, version.Number, "training", Trainer));
        return (version, contributions);
    }

    /// <summary>Balances of all accounts, by account.</summary>
    public async Task<IReadOnlyDictionary<string, AccountBalance>> Balances() =>
        (await _client.Ledger.GetBalances(Accounts)).ToDictionary(balance => balance.Account, StringComparer.Ordinal);

    (string Address, byte[] PublicKey) Key(string name) => (_identity.Key(name).Address, _identity.Key(name).PublicKey.ToArray());
}
