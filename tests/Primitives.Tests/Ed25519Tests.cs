namespace OpenLedger.Primitives.Tests;

public sealed class Ed25519Tests
{
    /// <summary>RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc): seed, public key, message, signature.</summary>
    public static TheoryData<string, string, string, string> Rfc8032 { get; } = new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void The_vectors_of_the_standard_hold(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519PrivateKey.FromSeed(Convert.FromHexString(seed));
        Convert.ToHexStringLower(key.PublicKey).Should().Be(publicKey);
        Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))).Should().Be(signature);
        Ed25519.Verify(key.PublicKey, Convert.FromHexString(message), Convert.FromHexString(signature)).Should().BeTrue();
    }

    [Fact]
    public void Every_flipped_bit_of_a_signature_is_refused()
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        var message = "money"u8.ToArray();
        var signature = key.Sign(message);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Ed25519.Verify(key.PublicKey, message, signature).Should().BeFalse("bit {0} is flipped", bit);
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Ed25519.Verify(key.PublicKey, message, signature).Should().BeTrue();
    }

    [Fact]
    public void A_second_form_of_a_signature_is_refused()
    {
        // S + L verifies in implementations that do not check S < L: the same signature in other bytes.
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        var signature = key.Sign([]);
        var order = (System.Numerics.BigInteger.One << 252) + System.Numerics.BigInteger.Parse(
            "27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var scalar = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        signature.AsSpan(32).Clear();
        scalar.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true).Should().BeTrue();
        Ed25519.Verify(key.PublicKey, [], signature).Should().BeFalse();
    }

    [Fact]
    public void Keys_and_signatures_of_wrong_sizes_are_not_valid()
    {
        using var key = Ed25519PrivateKey.Generate(IdSource.FromSeed(1));
        var signature = key.Sign("a"u8);
        Ed25519.Verify(key.PublicKey[..31], "a"u8, signature).Should().BeFalse();
        Ed25519.Verify(key.PublicKey, "a"u8, signature.AsSpan(0, 63)).Should().BeFalse();
        Ed25519.Verify(key.PublicKey, "b"u8, signature).Should().BeFalse();
        FluentActions.Invoking(() => Ed25519PrivateKey.FromSeed(new byte[31])).Should().Throw<ArgumentException>();
    }
}
