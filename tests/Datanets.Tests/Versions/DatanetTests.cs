using System.Text;

namespace OpenLedger.Datanets.Tests;

public sealed class DatanetTests
{
    const string Owner = "acct_owner";
    const string Ann = "acct_ann";
    const string Bob = "acct_bob";

    static Datanet Empty() => new(new DatanetDescription("dn_money", "money", "Terms of money.", "CC-BY-4.0", Owner));

    static ParsedFile File(string name, params string[] answers) => RowParser.Parse(
        name,
        Encoding.UTF8.GetBytes(string.Join(
            '\n', answers.Select(answer => $"{{\"prompt\":\"p\",\"answer\":\"{answer}\",\"term\":\"t\"}}"))));

    static PreparedContribution Contribute(Datanet datanet, string id, string contributor, ParsedFile file)
    {
        var prepared = datanet.Prepare(id, contributor, file);
        datanet.Accept(prepared);
        return prepared;
    }

    static PreparedVersion Publish(Datanet datanet)
    {
        var prepared = datanet.PrepareVersion();
        datanet.Publish(prepared);
        return prepared;
    }

    [Fact]
    public void AVersionHoldsAllRowsAcceptedBefore()
    {
        var datanet = Empty();
        Contribute(datanet, "c1", Bob, File("b.jsonl", "one", "two"));
        var first = Publish(datanet);
        Contribute(datanet, "c2", Ann, File("a.jsonl", "three"));
        datanet.StagedRowCount.Should().Be(1);
        var second = Publish(datanet);

        first.Version.RowCount.Should().Be(2);
        second.Version.Number.Should().Be(2);
        second.Version.RowsByContributor.Should().Equal(KeyValuePair.Create(Ann, 1), KeyValuePair.Create(Bob, 2));
        second.Version.RowsHash.Should().Be(ContentHash.Of(second.CanonicalRows.Span));
        second.Version.VersionHash.Should().NotBe(first.Version.VersionHash);
        RowCodec.Read(second.CanonicalRows.Span).Should().Equal(datanet.Rows);
        datanet.StagedRowCount.Should().Be(0);
    }

    [Fact]
    public void WithoutNewRowsTheNewestVersionStands()
    {
        var datanet = Empty();
        FluentActions.Invoking(datanet.PrepareVersion).Should().Throw<DatanetException>().WithMessage("*no rows*");
        Contribute(datanet, "c1", Bob, File("b.jsonl", "one"));
        var first = Publish(datanet);

        var again = Publish(datanet);

        again.IsRepetition.Should().BeTrue();
        again.Version.Should().Be(first.Version);
        datanet.Versions.Should().ContainSingle();
    }

    [Fact]
    public void ADuplicateIsRefusedWithThePlaceOfTheFirst()
    {
        var datanet = Empty();
        Contribute(datanet, "c1", Bob, File("b.jsonl", "one", "Two  words"));

        FluentActions.Invoking(() => datanet.Prepare("c2", Ann, File("a.jsonl", "three", "ＴＷＯ words")))
            .Should().Throw<ContributionException>()
            .WithMessage("a.jsonl, line 2: the row repeats one of acct_bob (b.jsonl, line 2, row_*");
        FluentActions.Invoking(() => datanet.Prepare("c2", Ann, File("a.jsonl", "three", "four", "three")))
            .Should().Throw<ContributionException>()
            .WithMessage("a.jsonl, line 3: the row repeats one of acct_ann (a.jsonl, line 1, row_*");
        datanet.Rows.Should().HaveCount(2);
        datanet.Contributions.Should().ContainSingle();
    }

    [Fact]
    public void TheSamePromptWithAnotherAnswerIsNoDuplicate()
    {
        RowIdentity.IdOf(new Row("a", "b c")).Should().NotBe(RowIdentity.IdOf(new Row("a b", "c")));
        RowIdentity.IdOf(new Row("", "b")).Should().NotBe(RowIdentity.IdOf(new Row("b", "b")));
        RowIdentity.IdOf(new Row("a", "b", [KeyValuePair.Create("term", "x")])).Should().Be(RowIdentity.IdOf(new Row(" A", "B\n")));
        RowIdentity.IdOf(new Row("a", "b")).Should().MatchRegex("^row_[0-9a-f]{32}$");
    }

    [Fact]
    public void AContributionIsTakenOnce()
    {
        var datanet = Empty();
        var file = File("b.jsonl", "one");
        Contribute(datanet, "c1", Bob, file);

        var again = Contribute(datanet, "c1", Bob, file);

        again.IsRepetition.Should().BeTrue();
        datanet.Rows.Should().ContainSingle();
        FluentActions.Invoking(() => datanet.Prepare("c1", Bob, File("b.jsonl", "two")))
            .Should().Throw<DatanetException>().WithMessage("*another file or account*");
        FluentActions.Invoking(() => datanet.Prepare("c1", Ann, file)).Should().Throw<DatanetException>();
    }

    [Fact]
    public void PreparingChangesNothingAndAnOldPreparationIsRefused()
    {
        var datanet = Empty();
        var first = datanet.Prepare("c1", Bob, File("b.jsonl", "one"));
        var second = datanet.Prepare("c2", Ann, File("a.jsonl", "one"));
        datanet.Rows.Should().BeEmpty();

        datanet.Accept(first);
        var version = datanet.PrepareVersion();
        FluentActions.Invoking(() => datanet.Accept(second)).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => datanet.Accept(first)).Should().Throw<InvalidOperationException>();
        Contribute(datanet, "c3", Ann, File("a.jsonl", "two"));
        FluentActions.Invoking(() => datanet.Publish(version)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void OnlyAGranteeOpensAVersion()
    {
        var datanet = Empty();
        Contribute(datanet, "c1", Bob, File("b.jsonl", "one"));
        Publish(datanet);
        var grant = new VersionGrant(Ann, 1, "training", Owner);

        FluentActions.Invoking(() => datanet.Open(1, Ann))
            .Should().Throw<DatanetException>().WithMessage("*no grant on version 1*acct_owner*");
        FluentActions.Invoking(() => datanet.Grant(grant with { GrantedBy = Bob }))
            .Should().Throw<DatanetException>().WithMessage("only the owner*");
        FluentActions.Invoking(() => datanet.Grant(grant with { Version = 2 }))
            .Should().Throw<DatanetException>().WithMessage("*no version 2*");
        datanet.Grant(grant);
        datanet.Grant(grant);

        datanet.Open(1, Ann).Number.Should().Be(1);
        datanet.Grants.Should().ContainSingle();
        FluentActions.Invoking(() => datanet.Revoke(Ann, 1, Ann)).Should().Throw<DatanetException>();
        datanet.Revoke(Ann, 1, Owner).Should().BeTrue();
        datanet.Revoke(Ann, 1, Owner).Should().BeFalse();
        FluentActions.Invoking(() => datanet.Open(1, Ann)).Should().Throw<DatanetException>();
        FluentActions.Invoking(() => datanet.Open(0, Ann)).Should().Throw<DatanetException>();
    }

    [Fact]
    public void ARestoredDatanetIsTheSame()
    {
        var datanet = Empty();
        var first = Contribute(datanet, "c1", Bob, File("b.jsonl", "one", "tab \\t \\\" é 𝔘"));
        Publish(datanet);
        datanet.Grant(new VersionGrant(Ann, 1, "training", Owner));
        var second = Contribute(datanet, "c2", Ann, RowParser.Parse("t.txt", "A text.\nof two lines"u8));

        var restored = Datanet.Restore(datanet.Capture(), [first.CanonicalRows, second.CanonicalRows]);

        restored.Rows.Should().Equal(datanet.Rows);
        restored.Capture().Should().BeEquivalentTo(datanet.Capture());
        restored.PrepareVersion().Version.VersionHash.Should().Be(datanet.PrepareVersion().Version.VersionHash);
        FluentActions.Invoking(() => restored.Prepare("c3", Ann, File("x.jsonl", "ONE"))).Should().Throw<ContributionException>();
        FluentActions.Invoking(() => Datanet.Restore(datanet.Capture(), [first.CanonicalRows, first.CanonicalRows]))
            .Should().Throw<DatanetException>().WithMessage("*c2*");
        FluentActions.Invoking(() => Datanet.Restore(datanet.Capture(), [first.CanonicalRows])).Should().Throw<DatanetException>();
    }

    [Fact]
    public void StoredRowsHaveOneForm()
    {
        var rows = Contribute(Empty(), "c1", Bob, File("b.jsonl", "one", "two")).Rows;
        var bytes = RowCodec.Write(rows);
        var text = Encoding.UTF8.GetString(bytes);

        text.Split('\n')[0].Should().Be(
            $"{{\"id\":\"{rows[0].Id}\",\"contributor\":\"acct_bob\","
            + "\"file\":\"b.jsonl\",\"line\":1,\"prompt\":\"p\",\"answer\":\"one\",\"metadata\":{\"term\":\"t\"}}");
        string[] others =
        [
            text[..^1], text + "\n", text.Replace("one", "uno"), text.Replace("{\"id\"", "{ \"id\""),
            text.Replace("\"line\":1", "\"line\":\"1\""),
        ];
        foreach (var damaged in others)
        {
            FluentActions.Invoking(() => RowCodec.Read(Encoding.UTF8.GetBytes(damaged))).Should().Throw<DatanetException>();
        }
    }
}
