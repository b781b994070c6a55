using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class LedgerStatementTests : IDisposable
{
    const int SettlementCount = 600;
    readonly NoteSigner signer = Samples.Signer();
    readonly StillClock clock = new();
    readonly LedgerCore core;

    public LedgerStatementTests()
    {
        core = Samples.Open(new MemoryJournal(), signer, clock);
        _ = core.Commit(Samples.Genesis);
        for (var i = 0; i < SettlementCount; i++)
        {
            core.Commit(Samples.Settlement($"rc_{i}")).Receipts[0].Stands.Should().BeTrue();
        }
    }

    public void Dispose()
    {
        core.Dispose();
        signer.Dispose();
    }

    [Fact]
    public void Parts_together_are_every_credit_against_one_checkpoint_whatever_happens_between_them()
    {
        var first = core.ScanCredits(SystemAccounts.Platform, 0, 10);
        first.Receipts.Should().HaveCount(LedgerCore.ReceiptsScannedMax);
        var all = new List<StatementReceipt>(first.Receipts);
        var next = first.NextReceipt;
        while (next >= 0)
        {
            core.Commit(Samples.Settlement($"rc_late_{next}")).Receipts[0].Stands.Should().BeTrue();
            var part = core.ScanCredits(SystemAccounts.Platform, 0, 10, next, first.TreeSize);
            part.TreeSize.Should().Be(first.TreeSize);
            all.AddRange(part.Receipts);
            next = part.NextReceipt;
        }
        var file = new Statement(SystemAccounts.Platform, 0, 10, all, first.CheckpointNote).ToBytes();
        var verification = StatementVerifier.Verify(file, signer.Verifier);
        verification.Problem.Should().BeNull();
        verification.Total.Should().Be(Amount.FromOpen(SettlementCount));
        verification.Credits.Select(credit => credit.Receipt.Id)
            .Should().Equal(Enumerable.Range(0, SettlementCount).Select(i => $"rc_{i}"));
    }

    [Fact]
    public void Whoever_is_not_paid_and_whatever_is_of_another_time_is_left_out()
    {
        Scan("ben", 0, 10).Should().BeEmpty();
        Scan(SystemAccounts.Platform, 2, 10).Should().BeEmpty();
        Scan(SystemAccounts.Platform, 0, 1).Should().BeEmpty();
        Scan(SystemAccounts.Platform, 1, 2).Should().HaveCount(SettlementCount);
    }

    [Fact]
    public void Receipts_of_long_before_are_not_looked_at()
    {
        // The journal's records are all of one day in 2026: two hours later there can be no receipt in them.
        var later = clock.Now.AddHours(2).ToUnixTimeMilliseconds();
        core.ScanCredits(SystemAccounts.Platform, later, later + 10).NextReceipt.Should().Be(-1);
        core.ScanCredits(SystemAccounts.Platform, 0, 10).NextReceipt.Should().BePositive();
    }

    [Fact]
    public void A_cosigned_checkpoint_is_taken_for_statements_and_for_the_receipts_that_it_covers()
    {
        using var witness = new CosignatureSigner("witness.example/w", Ed25519PrivateKey.FromSeed(new byte[32]));
        var policy = new WitnessPolicy([witness.Verifier], 1);
        var head = core.Head();
        var text = new Checkpoint(core.Origin, head.TreeSize, head.Root).ToText();
        core.UseCosigned(head.TreeSize, head.Note + witness.SignatureLine(text, 5));
        core.Commit(Samples.Settlement("rc_after")).Receipts[0].Stands.Should().BeTrue();
        ReceiptVerifier.Verify(core.ExportReceipt("rc_3"), signer.Verifier, policy).IsValid.Should().BeTrue();
        ReceiptVerifier.Verify(core.ExportReceipt("rc_after"), signer.Verifier).IsValid.Should().BeTrue();
        ReceiptVerifier.Verify(core.ExportReceipt("rc_after"), signer.Verifier, policy).IsValid.Should().BeFalse("it came later");
        core.ScanCredits(SystemAccounts.Platform, 0, 10).CheckpointNote.Should().Contain("witness.example/w");
        var foreign = new Checkpoint(core.Origin, 3, ContentHash.OfText("another")).Sign(signer);
        FluentActions.Invoking(() => core.UseCosigned(3, foreign)).Should().Throw<ArgumentException>();
    }

    List<StatementReceipt> Scan(string account, long fromMs, long toMs)
    {
        var found = new List<StatementReceipt>();
        var part = core.ScanCredits(account, fromMs, toMs);
        found.AddRange(part.Receipts);
        while (part.NextReceipt >= 0)
        {
            part = core.ScanCredits(account, fromMs, toMs, part.NextReceipt, part.TreeSize);
            found.AddRange(part.Receipts);
        }
        return found;
    }
}
