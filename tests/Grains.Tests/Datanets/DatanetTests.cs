using System.Text;
using OpenLedger.Grains.Datanets;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Datanets;

[Collection(TrainedNetwork.Name)]
public sealed class DatanetTests(TrainedNetwork fixture)
{
    static readonly CreateDatanet description = new("Names", "A Datanet of the tests.", "CC0-1.0", SampleNetwork.Trainer);

    [Fact]
    public async Task An_exact_duplicate_is_refused_with_the_place_of_the_first_and_nothing_is_taken()
    {
        var before = await fixture.Client.Datanets.Get(SampleNetwork.DatanetId);
        var file = Encoding.UTF8.GetString(SampleWords.File("Cleo")).Split('\n')[2];
        var fresh = """{"prompt":"The meaning of tor:","answer":" a rocky hill"}""";

        var act = () => Contribute(SampleNetwork.DatanetId, "ct_copy", "copy.jsonl", $"{fresh}\n{file}\n");

        await act.Should().ThrowAsync<UserErrorException>()
            .WithMessage($"*copy.jsonl, line 2*{SampleNetwork.Account("Cleo")} (cleo.jsonl, line 3*");
        (await fixture.Client.Datanets.Get(SampleNetwork.DatanetId)).Should().BeEquivalentTo(before);
    }

    [Theory]
    [InlineData(
        "bad.jsonl", "{\"prompt\":\"a\",\"answer\":\"b\"}\n{\"prompt\":\"c\" \"answer\":\"d\"}\n", "*bad.jsonl, line 2, column 15*")]
    [InlineData("empty.jsonl", "", "*empty.jsonl*empty*")]
    [InlineData("binary.txt", "ab\0cd", "*binary.txt, line 1, column 3*binary*")]
    [InlineData("picture.png", "x", "*picture.png*only .jsonl and .txt*")]
    public async Task A_file_that_cannot_be_read_is_refused_with_its_place_and_nothing_is_taken(string name, string content, string message)
    {
        await fixture.Client.Datanets.Create("dn_bad", description);
        var act = () => Contribute("dn_bad", $"ct_{name}", name, content);
        await act.Should().ThrowAsync<UserErrorException>().WithMessage(message);
        (await fixture.Client.Datanets.Get("dn_bad")).StagedRowCount.Should().Be(0);
    }

    [Fact]
    public async Task A_repeated_contribution_id_takes_the_rows_once()
    {
        await fixture.Client.Datanets.Create("dn_twice", description);
        var first = await Contribute("dn_twice", "ct_same", "a.txt", "One row.\n");
        var second = await Contribute("dn_twice", "ct_same", "a.txt", "One row.\n");
        second.Should().BeEquivalentTo(first);
        (await fixture.Client.Datanets.Get("dn_twice")).StagedRowCount.Should().Be(1);

        var other = () => Contribute("dn_twice", "ct_same", "a.txt", "Another row.\n");
        await other.Should().ThrowAsync<UserErrorException>().WithMessage("*ct_same was made before*");
    }

    [Fact]
    public async Task A_row_over_the_model_s_context_is_refused_and_a_text_is_split_between_sentences()
    {
        var fitting = description with { ModelId = TinyModel.Id };
        await fixture.Client.Datanets.Create("dn_fit", fitting);
        var words = string.Join(' ', Enumerable.Repeat("wonderful", 2_000));

        var row = () => Contribute("dn_fit", "ct_long", "long.jsonl", $"{{\"prompt\":\"a\",\"answer\":\"{words}\"}}\n");
        await row.Should().ThrowAsync<UserErrorException>().WithMessage("*long.jsonl, line 1*tokens*context*refused, not split*");
        (await fixture.Client.Datanets.Get("dn_fit")).StagedRowCount.Should().Be(0);

        var sentences = string.Join(' ', Enumerable.Range(0, 400).Select(number => $"Sentence {number} is short."));
        var receipt = await Contribute("dn_fit", "ct_text", "long.txt", sentences + "\n");
        receipt.Splits.Should().ContainSingle().Which.PartCount.Should().Be(receipt.RowCount).And.BeGreaterThan(1);
        (await fixture.Client.Datanets.Get("dn_fit")).StagedRowCount.Should().Be(receipt.RowCount);
    }

    [Fact]
    public async Task A_version_holds_the_rows_of_all_contributors_and_is_made_again_only_of_new_rows()
    {
        var card = await fixture.Client.Datanets.Get(SampleNetwork.DatanetId);
        card.VersionCount.Should().Be(1);
        card.StagedRowCount.Should().Be(0);
        var version = await fixture.Client.Datanets.Publish(SampleNetwork.DatanetId);
        version.Number.Should().Be(1);
        version.RowCount.Should().Be(3 * SampleWords.RowsEach);
        version.RowsByContributor.Should().Equal(SampleWords.Contributors.ToDictionary(SampleNetwork.Account, _ => SampleWords.RowsEach));
    }

    [Fact]
    public async Task Only_the_owner_grants()
    {
        var grant = new AccessGrant(SampleNetwork.Caller, 1, "training", SampleNetwork.Caller);
        var act = () => fixture.Client.Datanets.Grant(SampleNetwork.DatanetId, grant);
        await act.Should().ThrowAsync<UserErrorException>();
        (await fixture.Client.Datanets.Get(SampleNetwork.DatanetId)).Grants.Should().NotContain(grant);
    }

    [Fact]
    public async Task A_grant_taken_back_opens_nothing_any_more()
    {
        await fixture.Client.Datanets.Create("dn_revoked", description);
        await Contribute("dn_revoked", "ct_revoked", "a.txt", "A row to read.");
        await fixture.Client.Datanets.Publish("dn_revoked");
        await fixture.Client.Datanets.Grant("dn_revoked", new AccessGrant(SampleNetwork.Trainer, 1, "training", SampleNetwork.Trainer));

        await fixture.Client.Datanets.Revoke("dn_revoked", SampleNetwork.Trainer, 1, SampleNetwork.Trainer);

        var act = () => fixture.Client.Training.Start("tj_revoked", SampleNetwork.Specification("ad_revoked", datanetId: "dn_revoked"));
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*holds no grant*");
    }

    [Fact]
    public async Task A_contributor_who_is_not_registered_cannot_be_paid_and_is_refused()
    {
        await fixture.Client.Datanets.Create("dn_strangers", description);
        var contribution = SampleNetwork.Contribution("Anna") with { Contributor = SampleNetwork.Account("stranger") };
        var act = () => fixture.Client.Datanets.Contribute("dn_strangers", contribution);
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*is not registered*");
        (await fixture.Client.Datanets.Get("dn_strangers")).StagedRowCount.Should().Be(0);
    }

    [Fact]
    public async Task An_unknown_datanet_is_refused_by_name()
    {
        var act = () => Contribute("dn_unknown", "ct_unknown", "a.txt", "A row.");
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*no Datanet dn_unknown*");
    }

    [Fact]
    public async Task A_datanet_is_created_once_and_another_description_under_its_id_is_refused()
    {
        var first = await fixture.Client.Datanets.Create("dn_once", description);
        (await fixture.Client.Datanets.Create("dn_once", description)).Should().BeEquivalentTo(first);
        var act = () => fixture.Client.Datanets.Create("dn_once", description with { Licence = "none" });
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*dn_once exists already*");
    }

    Task<ContributionReceipt> Contribute(string datanetId, string contributionId, string name, string content) =>
        fixture.Client.Datanets.Contribute(
            datanetId, new Contribution(contributionId, SampleNetwork.Account("Anna"), name, Encoding.UTF8.GetBytes(content)));
}
