using System.Text;

namespace OpenLedger.Primitives.Tests;

/// <summary>A key file opens with its passphrase and as it was written, and in no other way.</summary>
public sealed class AccountKeyFileTests
{
    const string Passphrase = "correct horse battery";
    const int Iterations = 100_000;

    /// <summary>Of the seed 00 01 … 1f, made by another program (Python's hashlib and cryptography) after docs/identity.md.</summary>
    const string Vector = """
        {
          "version": 1,
          "type": "openledger-account-key",
          "name": "savings",
          "address": "acct_aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4djvskse",
          "publicKey": "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
          "kdf": {
            "name": "PBKDF2-HMAC-SHA-512",
            "iterations": 100000,
            "salt": "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=",
            "check": "kaMca2byuM8W9f2nDQEtMQ=="
          },
          "aead": {
            "name": "AES-256-GCM",
            "nonce": "yMnKy8zNzs/Q0dLT"
          },
          "ciphertext": "GX/5NagVoTXeDHN4MXleqKCAzbAMeVxWQmMlSmflOjM43HuYC+IE8x7bi+QzWMNq"
        }
        """;

    static readonly byte[] seed = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void A_file_of_another_program_opens_to_its_key()
    {
        var file = Parse(Vector);
        file.Name.Should().Be("savings");
        file.Iterations.Should().Be(Iterations);
        using var key = file.Open(Passphrase);
        using var expected = Ed25519PrivateKey.FromSeed(seed);
        key.Sign("a message"u8).Should().Equal(expected.Sign("a message"u8));
        file.Address.Should().Be(expected.Address);
    }

    [Fact]
    public void What_is_written_is_read_again_byte_for_byte()
    {
        var bytes = Encrypt().ToBytes();
        var read = AccountKeyFile.Parse(bytes);
        read.ToBytes().Should().Equal(bytes);
        using var key = read.Open(Passphrase);
        key.Address.Should().Be(read.Address);
        Encoding.UTF8.GetString(bytes).Should().NotContain(Convert.ToBase64String(seed)).And.EndWith("}\n");
    }

    [Fact]
    public void A_wrong_passphrase_is_told_from_a_damaged_file()
    {
        var wrong = () => Parse(Vector).Open(Passphrase + "s");
        wrong.Should().Throw<UserErrorException>().WithMessage("The passphrase of acct_*is wrong.");
        var damaged = () => Parse(Vector.Replace("GX/5Na", "GX/5Nb", StringComparison.Ordinal)).Open(Passphrase);
        damaged.Should().Throw<UserErrorException>().WithMessage("The key file is damaged*Restore it from a copy.");
    }

    [Theory]
    [InlineData("savings", "Savings")]
    [InlineData("\"iterations\": 100000", "\"iterations\": 100001")]
    [InlineData("ZGVmZ2hp", "ZGVmZ2hq")]
    [InlineData("kaMca2by", "kaMca2bz")]
    [InlineData("yMnKy8zN", "yMnKy8zO")]
    [InlineData("sdgiesvgg4djvskse", "sdgiesvgg4djvskaa")]
    [InlineData("A6EHv/PO", "A6EHv/PP")]
    [InlineData("AES-256-GCM", "AES-128-GCM")]
    [InlineData("PBKDF2-HMAC-SHA-512", "none")]
    [InlineData("\"iterations\": 100000", "\"iterations\": 1")]
    [InlineData("\"iterations\": 100000", "\"iterations\": 2000000000")]
    public void A_file_in_which_anything_public_was_changed_does_not_open(string from, string to)
    {
        Vector.Should().Contain(from);
        var act = () => Parse(Vector.Replace(from, to, StringComparison.Ordinal)).Open(Passphrase);
        act.Should().Throw<UserErrorException>();
    }

    [Fact]
    public void Every_bit_of_the_ciphertext_counts()
    {
        var text = Vector.Split("\"ciphertext\": \"")[1].Split('"')[0];
        var bytes = Convert.FromBase64String(text);

        // The derivation takes its time: one bit a byte.
        for (var place = 0; place < bytes.Length; place++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[place] ^= (byte)(1 << (place % 8));
            var act = () => Parse(Vector.Replace(text, Convert.ToBase64String(flipped), StringComparison.Ordinal)).Open(Passphrase);
            act.Should().Throw<UserErrorException>().WithMessage("*damaged*");
        }
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "*version 2*newer program*")]
    [InlineData("openledger-account-key", "something", "*not an account's key file*")]
    [InlineData("\"name\": \"savings\",", "\"unknown\": 1,", "*not an account's key file*")]
    [InlineData("{", "", "*not an account's key file*")]
    [InlineData("\"kdf\"", "\"aead2\"", "*not an account's key file*")]
    public void A_file_of_another_kind_or_version_says_so(string from, string to, string message)
    {
        var text = from == "{" ? Vector[1..] : Vector.Replace(from, to, StringComparison.Ordinal);
        var act = () => Parse(text);
        act.Should().Throw<UserErrorException>().WithMessage(message);
    }

    [Fact]
    public void A_changed_passphrase_opens_the_same_key_and_the_old_one_opens_nothing()
    {
        var changed = Encrypt().WithPassphrase(Passphrase, "another passphrase", IdSource.FromSeed(2), Iterations);
        using var key = changed.Open("another passphrase");
        key.Address.Should().Be(Encrypt().Address);
        var old = () => changed.Open(Passphrase);
        old.Should().Throw<UserErrorException>().WithMessage("*is wrong*");
    }

    [Fact]
    public void A_short_passphrase_is_refused()
    {
        var act = () => AccountKeyFile.Encrypt(seed, "", "short", IdSource.FromSeed(1), Iterations);
        act.Should().Throw<UserErrorException>().WithMessage("*at least 8*");
    }

    static AccountKeyFile Encrypt() => AccountKeyFile.Encrypt(seed, "savings", Passphrase, IdSource.FromSeed(1), Iterations);

    static AccountKeyFile Parse(string text) => AccountKeyFile.Parse(Encoding.UTF8.GetBytes(text));
}
