using OpenLedger.Client;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>A request that somebody recorded and sends again is answered and changes nothing, after a restart too.</summary>
public sealed class ReplayTests
{
    const string DatanetId = "dn_replay";

    static readonly AccessGrant grant = new(SampleNetwork.Caller, 1, "training", SampleNetwork.Trainer);

    [Fact]
    public async Task A_grant_that_was_taken_back_does_not_come_back_by_replay_nor_does_a_version()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        Authorization granted, published;
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var client = SampleNetwork.Connect(silo.Grains);
            await Fill(client, "first");
            published = await client.Signer.Sign<IDatanetGrain>(
                SampleNetwork.Trainer, DatanetId, nameof(IDatanetGrain.Publish), RequestBody.Nothing);
            var datanet = silo.Grains.GetGrain<IDatanetGrain>(DatanetId);
            (await datanet.Publish(published)).Number.Should().Be(1);
            granted = await client.Signer.Sign<IDatanetGrain>(
                SampleNetwork.Trainer, DatanetId, nameof(IDatanetGrain.Grant), RequestBody.Of(grant));
            await datanet.Grant(grant, granted);
            (await client.Datanets.Get(DatanetId)).Grants.Should().Contain(grant);
            await client.Datanets.Revoke(DatanetId, grant.Grantee, grant.Version, grant.GrantedBy);
            await Fill(client, "second");

            await Replay(silo);
        }

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            await Replay(silo);
        }

        async Task Replay(EmbeddedSilo silo)
        {
            var datanet = silo.Grains.GetGrain<IDatanetGrain>(DatanetId);
            await datanet.Grant(grant, granted);
            (await datanet.Publish(published)).Number.Should().Be(1);
            var card = await datanet.GetCard();
            card.Grants.Should().BeEmpty("a replay is answered and not carried out");
            card.VersionCount.Should().Be(1);
            card.StagedRowCount.Should().Be(1);
        }
    }

    [Fact]
    public async Task A_nonce_cannot_be_used_for_two_requests()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = folder.At("data") });
        var client = SampleNetwork.Connect(silo.Grains);
        await Fill(client, "first");
        await client.Datanets.Publish(DatanetId);
        var network = await client.Ledger.GetOrigin();
        var datanet = silo.Grains.GetGrain<IDatanetGrain>(DatanetId);
        await datanet.Grant(grant, OneNonce(grant));

        var other = grant with { Grantee = SampleNetwork.Account("Bela") };
        var act = () => datanet.Grant(other, OneNonce(other));

        await act.Should().ThrowAsync<RefusedException>().WithMessage("*nonce was used for another request*");
        (await client.Datanets.Get(DatanetId)).Grants.Should().Equal(grant);

        Authorization OneNonce(AccessGrant each)
        {
            using var key = new AccountKey(
                Ed25519PrivateKey.FromSeed(IdSource.FromSeed(1, "tests/trainer").NextBytes(Ed25519.SeedSizeBytes)),
                TimeProvider.System,
                IdSource.FromSeed(7));
            return key.Authorize<IDatanetGrain>(network, DatanetId, nameof(IDatanetGrain.Grant), RequestBody.Of(each));
        }
    }

    static async Task Fill(OpenLedgerClient client, string row)
    {
        var anna = SampleNetwork.Account("Anna");
        await client.Accounts.Register(anna, "Anna", SampleNetwork.PublicKey("Anna"));
        await client.Datanets.Create(DatanetId, new CreateDatanet("Replay", "", "CC0-1.0", SampleNetwork.Trainer));
        await client.Datanets.Contribute(
            DatanetId, new Contribution($"ct_{row}", anna, $"{row}.txt", System.Text.Encoding.UTF8.GetBytes($"The {row} row.")));
    }
}
