using System.Text;

namespace OpenLedger.Primitives.Tests;

public sealed class StatementTests : IDisposable
{
    readonly NoteSigner signer = new("log.example/one", Ed25519PrivateKey.FromSeed(new byte[32]));

    public void Dispose() => signer.Dispose();

    [Fact]
    public void A_statement_proves_each_credit_and_their_total()
    {
        var verification = Verify(File(2));
        verification.Problem.Should().BeNull();
        verification.Credits.Select(credit => credit.Index).Should().Equal(0UL, 1UL);
        verification.Total.Should().Be(Amount.Parse("0.6"));
        Verify(File(0)).Total.Should().Be(Amount.Zero, "an account that earned nothing has a statement that says so");
    }

    [Fact]
    public void Every_flipped_bit_makes_it_invalid_but_of_the_time_that_was_asked_for()
    {
        var file = File(2);
        var lines = Encoding.UTF8.GetString(file);
        var from = lines.IndexOf("from ", StringComparison.Ordinal);
        var receipts = lines.IndexOf("receipts ", StringComparison.Ordinal);
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            // A statement of a longer time may say the same: no receipt speaks for its bounds.
            if (bit / 8 >= from && bit / 8 < receipts)
            {
                continue;
            }
            var damaged = file.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Verify(damaged).IsValid.Should().BeFalse("bit {0} of byte {1} is flipped", bit % 8, bit / 8);
        }
    }

    [Fact]
    public void A_credit_twice_of_another_account_or_of_another_time_is_refused()
    {
        var (statement, _) = Statement.Parse(File(2));
        Verify((statement with { Receipts = [statement.Receipts[0], statement.Receipts[0]] }).ToBytes()).Problem.Should().Contain("twice");
        Verify((statement with { Account = "acct_other" }).ToBytes()).Problem.Should().Contain("nothing");
        Verify((statement with { FromMs = 1_001 }).ToBytes()).Problem.Should().Contain("not in the time");
        Verify((statement with { ToMs = 1_001 }).ToBytes()).Problem.Should().Contain("not in the time");
        var text = Encoding.UTF8.GetString(File(2));
        Verify(Encoding.UTF8.GetBytes(text.Replace("total 0.6", "total 0.7", StringComparison.Ordinal))).Problem.Should().Contain("0.7");
    }

    [Fact]
    public void A_statement_of_another_log_says_so()
    {
        using var other = new NoteSigner("log.example/two", Ed25519PrivateKey.FromSeed(new byte[32]));
        StatementVerifier.Verify(File(2), other.Verifier).Problem.Should().Contain("the statement is of another log");
    }

    StatementVerification Verify(byte[] file) => StatementVerifier.Verify(file, signer.Verifier);

    // A log of two receipts, which pay ada 0.2 and 0.4; the statement has the first of them.
    byte[] File(int count)
    {
        byte[][] receipts = [Receipt(0, "0.2"), Receipt(1, "0.4")];
        var leaves = receipts.Select((bytes, i) => LogLeaf.Of(LogEntryKind.Receipt, (ulong)i, new byte[16], bytes).Hash()).ToArray();
        var note = new Checkpoint(signer.Name, 2, Merkle.NodeHash(leaves[0], leaves[1])).Sign(signer);
        var all = receipts.Select((bytes, i) => new StatementReceipt((ulong)i, new byte[16], bytes, [leaves[1 - i]]));
        return new Statement("ada", 1_000, 2_000, [.. all.Take(count)], note).ToBytes();
    }

    static byte[] Receipt(ulong sequence, string amount) => new Receipt
    {
        Sequence = sequence,
        Id = $"rc_{sequence}",
        TimeMs = 1_000 + (long)sequence,
        Payer = "payer",
        RequestHash = ContentHash.OfText("request"),
        ResponseHash = ContentHash.OfText("response"),
        ModelId = "md_tiny",
        ModelHash = ContentHash.OfText("model"),
        PromptTokens = 1,
        CompletionTokens = 2,
        Price = Amount.One,
        Split =
        [
            new ReceiptSplit("ada", "contributor", Amount.Parse(amount)),
            new ReceiptSplit("sys_platform", "platform", Amount.One - Amount.Parse(amount)),
        ],
    }.ToBytes();
}
