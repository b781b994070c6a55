using OpenLedger.Client;
using OpenLedger.Grains.Datanets;
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

    public SampleNetwork(OpenLedgerClient client) => Client = client;

    public OpenLedgerClient Client { get; }

    public static string Caller { get; } = Account("caller");

    public static string Trainer { get; } = Account("trainer");

    /// <summary>The loop up to a deployed adapter.</summary>
    public static async Task<SampleNetwork> Play(OpenLedgerClient client)
    {
        var network = new SampleNetwork(client);
        await network.OpenAccounts();
        await network.FillDatanet();
        var status = await network.Train(JobId, Specification());
        status.State.Should().Be(TrainingState.Completed, status.Error);
        await client.Deploy(AdapterId);
        return network;
    }

    public static string Account(string name)
    {
        using var key = Key(name);
        return key.Address.ToString();
    }

    public static byte[] PublicKey(string name)
    {
        using var key = Key(name);
        return key.PublicKey.ToArray();
    }

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
        (await Client.Ledger.Transfer([order]))[0].Accepted.Should().BeTrue();
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

    static Ed25519PrivateKey Key(string name) =>
        Ed25519PrivateKey.FromSeed(IdSource.FromSeed(1, $"tests/{name}").NextBytes(Ed25519.SeedSizeBytes));
}
