namespace OpenLedger.Primitives.Tests;

public sealed class IdTests
{
    [Fact]
    public void Content_hash_is_sha_256_in_lower_case_hex()
    {
        var hash = ContentHash.Of("abc"u8);
        hash.ToString().Should().Be("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        ContentHash.Parse(hash.ToString()).Should().Be(hash);
        ContentHash.OfStream(new MemoryStream("abc"u8.ToArray())).Should().Be(hash);
        ContentHash.OfText("abc").Should().Be(hash);
        ContentHash.OfSalted("a"u8, "bc"u8).Should().Be(hash);
        new ContentHash(hash.ToArray()).Should().Be(hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Other_forms_of_a_hash_are_refused(string text) => ContentHash.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Transfer_id_follows_from_its_seed()
    {
        TransferId.From("abc").ToString().Should().Be("ba7816bf8f01cfea414140de5dae2223");
        TransferId.From("abc").Should().NotBe(TransferId.From("abd"));
        TransferId.Parse("ba7816bf8f01cfea414140de5dae2223").Should().Be(TransferId.From("abc"));
        TransferId.TryParse("BA7816BF8F01CFEA414140DE5DAE2223", out _).Should().BeFalse();
        new TransferId(0).IsValid.Should().BeFalse();
        new TransferId(UInt128.MaxValue).IsValid.Should().BeFalse();
    }

    [Fact]
    public void Address_carries_the_key_and_is_neither_hex_nor_a_guid()
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        var text = key.Address.ToString();
        text.Should().MatchRegex("^acct_[a-z2-7]{58}$");
        AccountAddress.Parse(text).PublicKey().Should().Equal(key.PublicKey.ToArray());
        Guid.TryParse(text, out _).Should().BeFalse();
        UInt128.TryParse(text, System.Globalization.NumberStyles.HexNumber, null, out _).Should().BeFalse();
    }

    [Fact]
    public void Every_mistyped_character_of_an_address_is_noticed()
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        var text = key.Address.ToString();
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var digit in "abcdefghijklmnopqrstuvwxyz234567_A")
            {
                var mistyped = text[..i] + digit + text[(i + 1)..];
                AccountAddress.TryParse(mistyped, out _).Should().Be(mistyped == text, "position {0} became {1}", i, digit);
            }
        }
        FluentActions.Invoking(() => AccountAddress.Parse(text + "a")).Should().Throw<AddressFormatException>();
    }

    [Fact]
    public void A_seeded_source_repeats_itself_and_other_seeds_differ()
    {
        var first = IdSource.FromSeed(7);
        var second = IdSource.FromSeed(7);
        var ids = Enumerable.Range(0, 1000).Select(_ => first.Next("rc")).ToList();
        ids.Should().Equal(Enumerable.Range(0, 1000).Select(_ => second.Next("rc")));
        ids.Should().OnlyHaveUniqueItems().And.OnlyContain(id => IdSource.IsId(id, "rc"));
        IdSource.FromSeed(8).Next("rc").Should().NotBe(ids[0]);
        IdSource.FromSeed(7, "other").Next("rc").Should().NotBe(ids[0]);
        IdSource.Secure().Next("dn").Should().NotBe(IdSource.Secure().Next("dn"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("r")]
    [InlineData("RC")]
    [InlineData("rc_")]
    [InlineData("muchtoolong")]
    public void A_prefix_is_two_to_eight_lower_case_letters(string prefix) =>
        FluentActions.Invoking(() => IdSource.FromSeed(1).Next(prefix)).Should().Throw<ArgumentException>();
}
