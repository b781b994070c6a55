using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Primitives.Tests;

public sealed class ReceiptTests
{
    internal static Receipt Sample(ulong sequence = 0) => new()
    {
        Sequence = sequence,
        Id = "rc_abcdefghijklmnopqrst",
        TimeMs = 1_790_000_000_123,
        Payer = "acct_payer",
        RequestHash = ContentHash.OfText("salted request"),
        ResponseHash = ContentHash.OfText("salted response"),
        ModelId = "md_tiny",
        ModelHash = ContentHash.OfText("model"),
        AdapterId = "ad_plants",
        AdapterHash = ContentHash.OfText("adapter"),
        PromptTokens = 12,
        CompletionTokens = 14,
        Price = Amount.Parse("0.03"),
        AttributionMethod = "influence+span",
        AttributionVersion = "1",
        BaseReserve = Amount.Parse("0.001"),
        Credits = [new("dn_plants", "row-17", "acct_contributor", 900_000_000, -5, 700_000_001, Amount.Parse("0.014"))],
        Split = [new("sys_platform", "platform", Amount.Parse("0.003")), new("acct_contributor", "contributor", Amount.Parse("0.027"))],
        Transfers = [TransferId.From("a"), TransferId.From("b")],
    };

    [Fact]
    public void Canonical_bytes_read_back_as_the_same_receipt()
    {
        var bytes = Sample(7).ToBytes();
        var receipt = Receipt.FromBytes(bytes);
        receipt.ToBytes().Should().Equal(bytes);
        receipt.Should().BeEquivalentTo(Sample(7));
    }

    [Fact]
    public void Stamping_a_draft_is_encoding_with_the_sequence()
    {
        var bytes = Sample().ToBytes();
        Receipt.StampSequence(bytes, 0x0102030405060708);
        bytes.Should().Equal(Sample(0x0102030405060708).ToBytes());
    }

    [Fact]
    public void Whatever_bytes_are_accepted_are_the_ones_that_would_be_written()
    {
        var sample = Sample().ToBytes();
        var damages = from position in Gen.Choose(0, sample.Length - 1)
                      from value in Gen.Choose(0, 255)
                      from cut in Gen.Choose(0, 3)
                      select (position, value: (byte)value, cut);
        Prop.ForAll(damages.ToArbitrary(), damage =>
        {
            var bytes = sample.ToArray();
            bytes[damage.position] = damage.value;
            bytes = damage.cut == 0 ? bytes[..damage.position] : damage.cut == 1 ? [.. bytes, damage.value] : bytes;
            try
            {
                return Receipt.FromBytes(bytes).ToBytes().AsSpan().SequenceEqual(bytes);
            }
            catch (CanonicalFormatException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_count_beyond_its_bound_is_refused_before_memory_is_taken()
    {
        var bytes = (Sample() with { Credits = [], Split = [], Transfers = [] }).ToBytes();
        bytes[^12] = 0x7f;
        FluentActions.Invoking(() => Receipt.FromBytes(bytes)).Should().Throw<CanonicalFormatException>().Which.Field
            .Should().Be("credits");
    }

    [Fact]
    public void A_split_that_does_not_sum_to_the_price_is_refused()
    {
        FluentActions.Invoking(() => (Sample() with { Price = Amount.Parse("0.04") }).ToBytes())
            .Should().Throw<ArgumentException>().WithMessage("*less than the price*");
        FluentActions.Invoking(() => (Sample() with { Price = Amount.Parse("0.02") }).ToBytes())
            .Should().Throw<ArgumentException>().WithMessage("*more than the price*");
    }

    [Fact]
    public void Scores_become_fixed_point_integers()
    {
        Receipt.ToNano(0.123456789).Should().Be(123_456_789);
        Receipt.ToNano(-1.5).Should().Be(-1_500_000_000);
        FluentActions.Invoking(() => Receipt.ToNano(double.NaN)).Should().Throw<OverflowException>();
    }

    [Fact]
    public void A_leaf_has_41_bytes_and_hides_what_it_stands_for()
    {
        var leaf = LogLeaf.Of(LogEntryKind.Receipt, 5, new byte[16], "receipt"u8);
        var bytes = leaf.ToBytes();
        bytes.Should().HaveCount(41).And.StartWith([2, 0, 0, 0, 0, 0, 0, 0, 5]);
        leaf.Hash().Should().Be(ContentHash.Of([0, .. bytes]));
        LogLeaf.Of(LogEntryKind.Receipt, 5, [.. new byte[15], 1], "receipt"u8).Digest.Should().NotBe(leaf.Digest);
    }
}
