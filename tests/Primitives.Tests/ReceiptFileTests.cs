using System.Text;

namespace OpenLedger.Primitives.Tests;

public sealed class ReceiptFileTests : IDisposable
{
    readonly NoteSigner signer = new("log.example/one", Ed25519PrivateKey.FromSeed(new byte[32]));
    readonly byte[] file;

    public ReceiptFileTests() => file = Export(signer);

    public void Dispose() => signer.Dispose();

    [Fact]
    public void A_receipt_verifies_with_nothing_but_the_file_and_the_key()
    {
        var valid = Verify(file).Should().BeOfType<ValidReceipt>().Subject;
        valid.Origin.Should().Be("log.example/one");
        valid.Index.Should().Be(2);
        valid.TreeSize.Should().Be(3);
        valid.Receipt.Id.Should().Be("rc_abcdefghijklmnopqrst");
        ReceiptVerifier.Verify(file, signer.Verifier.ToString()).IsValid.Should().BeTrue();
    }

    [Fact]
    public void Every_flipped_bit_of_the_file_makes_it_invalid()
    {
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            var damaged = file.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Verify(damaged).IsValid.Should().BeFalse("bit {0} of byte {1} is flipped", bit % 8, bit / 8);
        }
    }

    [Fact]
    public void Every_removed_doubled_or_inserted_byte_makes_it_invalid()
    {
        for (var i = 0; i < file.Length; i++)
        {
            Verify([.. file[..i], .. file[(i + 1)..]]).IsValid.Should().BeFalse("byte {0} is gone", i);
            Verify([.. file[..i], file[i], .. file[i..]]).IsValid.Should().BeFalse("byte {0} is doubled", i);
            foreach (var inserted in "\n \r\t=A+"u8.ToArray())
            {
                Verify([.. file[..i], inserted, .. file[i..]]).IsValid.Should().BeFalse("{0} is inserted at {1}", inserted, i);
            }
        }
        Verify([.. file, (byte)'\n']).IsValid.Should().BeFalse();
        Verify([]).IsValid.Should().BeFalse();
    }

    [Fact]
    public void Lines_that_are_not_known_or_not_canonical_are_refused()
    {
        var text = Encoding.UTF8.GetString(file);
        using var witness = new NoteSigner("witness.example", Ed25519PrivateKey.FromSeed([.. new byte[31], 1]));
        Verify(text + witness.SignatureLine("anything\n"u8)).IsValid.Should().BeTrue("signatures of unknown keys are passed over");
        Verify(text + text[text.IndexOf('—', StringComparison.Ordinal)..]).IsValid.Should().BeFalse("the signature is there twice");
        Verify(text.Replace("\n", "\r\n", StringComparison.Ordinal)).IsValid.Should().BeFalse();
        Verify("\uFEFF" + text).IsValid.Should().BeFalse();
        Verify(text.Replace("index 2", "index 02", StringComparison.Ordinal)).IsValid.Should().BeFalse();
        Verify(text.Replace("index 2", "note x\nindex 2", StringComparison.Ordinal)).IsValid.Should().BeFalse();
        Verify(text.Replace("@v1", "@v2", StringComparison.Ordinal)).IsValid.Should().BeFalse();
    }

    [Fact]
    public void Extension_lines_are_refused_even_when_signed()
    {
        var note = (CheckpointOf(out var leaf, out var other) with { Extensions = ["more"] }).Sign(signer);
        var bytes = ReceiptFile.Write(new byte[16], ReceiptTests.Sample(2).ToBytes(), 2, [other], note);
        Verify(bytes).Should().BeOfType<InvalidReceipt>().Which.Reason.Should().Contain("not known");
        leaf.Should().NotBe(other);
    }

    [Fact]
    public void Known_witnesses_must_hold_and_be_as_many_as_are_asked_for()
    {
        using var witness = new CosignatureSigner("witness.example/w", Ed25519PrivateKey.FromSeed([.. new byte[31], 4]));
        var policy = new WitnessPolicy([witness.Verifier], 1);
        var text = Encoding.UTF8.GetString(file);
        var checkpoint = CheckpointOf(out _, out _).ToText();
        Judge(text).Should().BeOfType<InvalidReceipt>().Which.Reason.Should().Contain("0 of the 1 known witnesses");
        Judge(text + witness.SignatureLine(checkpoint, 9)).Should().BeOfType<ValidReceipt>()
            .Which.Cosignatures.Should().Equal(new Cosignature("witness.example/w", 9));
        Judge(text + witness.SignatureLine("else\n", 9)).Should().BeOfType<InvalidReceipt>().Which.Reason.Should().Contain("does not hold");
        Verify(text + witness.SignatureLine("else\n", 9)).IsValid.Should().BeTrue("whoever does not know the witness passes it over");

        ReceiptVerification Judge(string each) => ReceiptVerifier.Verify(Encoding.UTF8.GetBytes(each), signer.Verifier, policy);
    }

    [Fact]
    public void No_bit_that_the_log_signed_can_change_beside_a_cosignature()
    {
        using var witness = new CosignatureSigner("witness.example/w", Ed25519PrivateKey.FromSeed([.. new byte[31], 4]));
        byte[] cosigned = [.. file, .. Encoding.UTF8.GetBytes(witness.SignatureLine(CheckpointOf(out _, out _).ToText(), 9))];
        Verify(cosigned).IsValid.Should().BeTrue();
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            var damaged = cosigned.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Verify(damaged).IsValid.Should().BeFalse("bit {0} of byte {1} is flipped", bit % 8, bit / 8);
        }
    }

    [Fact]
    public void A_receipt_of_another_log_says_so()
    {
        using var otherName = new NoteSigner("log.example/two", Ed25519PrivateKey.FromSeed(new byte[32]));
        Verify(Export(otherName)).Should().BeOfType<InvalidReceipt>()
            .Which.Reason.Should().Be(
                "the receipt is of another log: its origin is 'log.example/two', the key is that of 'log.example/one'");
        using var otherKey = new NoteSigner("log.example/one", Ed25519PrivateKey.FromSeed([.. new byte[31], 9]));
        Verify(Export(otherKey)).Should().BeOfType<InvalidReceipt>().Which.Reason
            .Should().StartWith("the receipt is of another log: it is signed");
    }

    [Fact]
    public void A_receipt_that_names_another_place_is_refused()
    {
        // The log did vouch for these bytes, but at another place than they say.
        var canonical = ReceiptTests.Sample(7).ToBytes();
        var leaf = LogLeaf.Of(LogEntryKind.Receipt, 0, new byte[16], canonical);
        var note = new Checkpoint(signer.Name, 1, leaf.Hash()).Sign(signer);
        Verify(ReceiptFile.Write(new byte[16], canonical, 0, [], note)).Should().BeOfType<InvalidReceipt>()
            .Which.Reason.Should().Contain("says that it is entry 7");
    }

    [Fact]
    public void A_malformed_key_is_the_callers_mistake() =>
        FluentActions.Invoking(() => ReceiptVerifier.Verify(file, "nonsense")).Should().Throw<ProofFormatException>();

    static Checkpoint CheckpointOf(out ContentHash leaf, out ContentHash other)
    {
        leaf = LogLeaf.Of(LogEntryKind.Receipt, 2, new byte[16], ReceiptTests.Sample(2).ToBytes()).Hash();
        other = Merkle.NodeHash(Merkle.LeafHash("first"u8), Merkle.LeafHash("second"u8));
        return new Checkpoint("log.example/one", 3, Merkle.NodeHash(other, leaf));
    }

    static byte[] Export(NoteSigner signer)
    {
        var checkpoint = CheckpointOf(out _, out var other) with { Origin = signer.Name };
        return ReceiptFile.Write(new byte[16], ReceiptTests.Sample(2).ToBytes(), 2, [other], checkpoint.Sign(signer));
    }

    ReceiptVerification Verify(string text) => Verify(Encoding.UTF8.GetBytes(text));

    ReceiptVerification Verify(byte[] bytes) => ReceiptVerifier.Verify(bytes, signer.Verifier);
}
