using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Testing;

/// <summary>People and their words on a silo: three contributors, a trainer who owns Datanet and adapter, a caller who pays.</summary>
sealed class SampleNetwork
{
    public const string DatanetId = "dn_words";
    public const string AdapterId = "ad_words";
    public const string JobId = "tj_words";
    public const int Epochs = 40;

    readonly NetworkLedger _ledger;

    /// <param name="ledger">A silo's own, for what only the network may: to fund an account out of the treasury.</param>
    public SampleNetwork(Orleans.IGrainFactory grains, NetworkLedger ledger)
    {
        Client = Connect(grains);
        _ledger = ledger;
    }

    public SampleNetwork(IServiceProvider silo)
        : this(silo.GetRequiredService<Orleans.IGrainFactory>(), silo.GetRequiredService<NetworkLedger>())
    {
    }

    /// <summary>The key of everybody who was ever named here; the trainer's is the first.</summary>
    public static AccountKeys Keys { get; } = new(NewKey("trainer"));

    public OpenLedgerClient Client { get; }

    public static string Caller { get; } = Account("caller");

    public static string Trainer { get; } = Account("trainer");

    /// <summary>The loop up to a deployed adapter.</summary>
    public static Task<SampleNetwork> Play(IServiceProvider silo) => Play(new SampleNetwork(silo));

    /// <inheritdoc cref="Play(IServiceProvider)"/>
    public static async Task<SampleNetwork> Play(SampleNetwork network)
    {
        await network.OpenAccounts();
        await network.FillDatanet();
        var status = await network.Train(JobId, Specification());
        status.State.Should().Be(TrainingState.Completed, status.Error);
        await network.Client.Deploy(AdapterId);
        return network;
    }

    /// <summary>A client that signs with everybody's key.</summary>
    public static OpenLedgerClient Connect(Orleans.IGrainFactory grains) => new(grains, TimeProvider.System, Keys);

    /// <summary>Somebody's account; a client of <see cref="Connect"/> has the key.</summary>
    public static string Account(string name)
    {
        var key = NewKey(name);
        if (Keys.Has(key.Address))
        {
            key.Dispose();
        }
        else
        {
            Keys.Add(key);
        }

        return key.Address;
    }

    public static byte[] PublicKey(string name) => Keys.Of(Account(name)).PublicKey.ToArray();

    /// <summary>Somebody's key, apart from those that clients sign with; the caller disposes it.</summary>
    public static AccountKey NewKey(string name, TimeProvider? clock = null) => new(
        Ed25519PrivateKey.FromSeed(IdSource.FromSeed(1, $"tests/{name}").NextBytes(Ed25519.SeedSizeBytes)),
        clock ?? TimeProvider.System,
        IdSource.Secure());

    public static TrainingSpecification Specification(
        string adapterId = AdapterId, long seed = 1, int epochs = Epochs, string datanetId = DatanetId, string? account = null) => new(
            account ?? Trainer,
            TinyModel.Id,
            datanetId,
            1,
            adapterId,
            seed,
            Rank: 8,
            Epochs: epochs,
            LearningRate: 1e-2,
            HeldOutRows: SampleWords.HeldOutFile);

    public static InferenceRequest Request(
        string id, string model = AdapterId, string? prompt = null, int maxTokens = 24, string? payer = null) => new(
            id, payer ?? Caller, model, prompt ?? SampleWords.All[0].Question, maxTokens, new Sampling(), ["\n"]);

    public async Task OpenAccounts()
    {
        await Client.Ledger.OpenAccounts([Caller, Trainer, .. SampleWords.Contributors.Select(Account)]);
        await Fund(Caller, Amount.FromOpen(10), "funds/caller");
        foreach (var name in SampleWords.Contributors)
        {
            await Client.Accounts.Register(Account(name), name, PublicKey(name));
        }
    }

    public async Task Fund(string account, Amount amount, string name)
    {
        var id = TransferId.From(name).ToString();
        var order = new TransferOrder(id, TransferKind.Posted, SystemAccounts.Treasury, account, amount);
        var outcomes = await new Repetition(TimeProvider.System).Run(() => _ledger.Transfer([order]));
        outcomes[0].Accepted.Should().BeTrue();
    }

    public async Task<DatanetVersionCard> FillDatanet(string datanetId = DatanetId)
    {
        await Client.Datanets.Create(datanetId, new CreateDatanet("Words", "Rare words with their meanings.", "CC0-1.0", Trainer));
        foreach (var name in SampleWords.Contributors)
        {
            await Client.Datanets.Contribute(datanetId, Contribution(name));
        }

        var version = await Client.Datanets.Publish(datanetId);
        await Client.Datanets.Grant(datanetId, new AccessGrant(Trainer, version.Number, "training", Trainer));
        return version;
    }

    public static Contribution Contribution(string name) =>
        new($"ct_{name.ToLowerInvariant()}", Account(name), $"{name.ToLowerInvariant()}.jsonl", SampleWords.File(name));

    /// <summary>Starts a job and waits for its end.</summary>
    public async Task<TrainingStatus> Train(string jobId, TrainingSpecification specification)
    {
        await Client.Training.Start(jobId, specification);
        return await Ended(jobId);
    }

    public Task<TrainingStatus> Ended(string jobId) => Polling.Until(
        () => Client.Training.GetStatus(jobId),
        status => status.State is TrainingState.Completed or TrainingState.Failed or TrainingState.Cancelled);

    public async Task<AccountBalance> Balance(string account) => (await Client.Ledger.GetBalances([account]))[0];
}
