using System.Security.Cryptography;

namespace OpenLedger.Primitives.Tests;

/// <summary>The bytes that are signed are those that docs/identity.md describes; other programs can make them.</summary>
public sealed class RequestTermsTests
{
    static readonly byte[] seed = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    static RequestTerms Sample()
    {
        using var key = Ed25519PrivateKey.FromSeed(seed);
        return new RequestTerms
        {
            Network = "openledger.local/log_sample",
            Target = "openledger.datanet/grant/dn_words",
            Account = key.Address.ToString(),
            Nonce = seed.AsMemory(0, 16),
            IssuedMs = 1_700_000_000_000,
            ExpiresMs = 1_700_000_300_000,
            SpendMax = Amount.Parse("0.25"),
            Body = ContentHash.OfText("body"),
        };
    }

    [Fact]
    public void Bytes_and_signature_are_those_of_another_program()
    {
        // Made with Python's struct, hashlib and cryptography.
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var bytes = Sample().ToBytes();
        bytes.Should().HaveCount(230);
        ContentHash.Of(bytes).Hex.Should().Be("03af1a34d6626044685d9392f3e67e254b595cd1c1a29be68ef058afd873d16a");
        Convert.ToHexStringLower(key.Sign(bytes)).Should().Be(
            "72b064e5bf28a856cc911592b99796f98c3534d6b8a216e7fdd3b2332dda54ab"
            + "526ab94ca56ad9abeb023ec691f6bef2a214d200d22c8702b854b489e8d9700c");
    }

    [Fact]
    public void Every_member_is_in_the_bytes()
    {
        var sample = Sample();
        RequestTerms[] changed =
        [
            sample with { Network = "openledger.local/log_samplf" },
            sample with { Target = "openledger.datanet/grant/dn_word" },
            sample with { Account = "acct_other" },
            sample with { Nonce = new byte[16] },
            sample with { IssuedMs = sample.IssuedMs + 1 },
            sample with { ExpiresMs = sample.ExpiresMs - 1 },
            sample with { SpendMax = Amount.FromAtto(sample.SpendMax.Atto + 1) },
            sample with { Body = ContentHash.OfText("other body") },

            // What moves from one text to the next.
            sample with { Network = sample.Network + "o", Target = sample.Target[1..] },
        ];
        changed.Append(sample).Select(terms => Convert.ToHexString(terms.ToBytes())).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_networks_proof_is_that_of_another_program_and_of_no_other_key()
    {
        using var log = new NoteSigner("sample.example/log", Ed25519PrivateKey.FromSeed(seed));
        var key = NetworkKey.Of(log);
        key.Network.Should().Be("sample.example/log");
        var proof = key.Prove("message"u8);
        Convert.ToHexStringLower(proof).Should().Be("3a4ca9bfb24e51759a5fb6a5a4fb408c5ebb7ab516fcdf4fe4b3ee88bd1d8acb");
        key.Holds("message"u8, proof).Should().BeTrue();
        key.Holds("massage"u8, proof).Should().BeFalse();
        key.Holds("message"u8, proof.AsSpan(1)).Should().BeFalse();
        using var other = new NoteSigner("sample.example/log", Ed25519PrivateKey.FromSeed(new byte[32]));
        NetworkKey.Of(other).Holds("message"u8, proof).Should().BeFalse();
    }

    [Fact]
    public void Secrets_for_other_purposes_are_unrelated()
    {
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var first = key.DeriveSecret("one", 32);
        first.Should().Equal(HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, 32, info: "one"u8.ToArray()));
        key.DeriveSecret("two", 32).Should().NotEqual(first);
        first.Should().NotEqual(seed);
    }

    [Fact]
    public void A_nonce_of_another_size_and_a_text_that_is_too_long_have_no_bytes()
    {
        var shorter = () => (Sample() with { Nonce = new byte[15] }).ToBytes();
        shorter.Should().Throw<ArgumentException>();
        var longer = () => (Sample() with { Target = new string('a', 1_025) }).ToBytes();
        longer.Should().Throw<ArgumentException>();
    }
}
