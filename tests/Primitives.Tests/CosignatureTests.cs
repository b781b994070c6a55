using System.Text;

namespace OpenLedger.Primitives.Tests;

public sealed class CosignatureTests : IDisposable
{
    // Made with OpenSSL from the seed 00 01 … 1f, over the checkpoint of the specification's example.
    const string Text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const string Key = "witness.example/w1+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    const ulong Time = 1_679_315_147;

    const string Line = "— witness.example/w1 519lMgAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7lV8H6bdoBQGP/"
        + "l73euDMQ9k+bBQ==\n";

    readonly CosignatureSigner signer = new(
        "witness.example/w1", Ed25519PrivateKey.FromSeed([.. Enumerable.Range(0, 32).Select(value => (byte)value)]));

    readonly NoteSigner log = new("example.com/behind-the-sofa", Ed25519PrivateKey.FromSeed(new byte[32]));

    public void Dispose()
    {
        signer.Dispose();
        log.Dispose();
    }

    [Fact]
    public void We_sign_the_same_bytes_as_another_implementation()
    {
        signer.Verifier.ToString().Should().Be(Key);
        signer.SignatureLine(Text, Time).Should().Be(Line);
    }

    [Fact]
    public void A_cosignature_of_another_implementation_verifies_and_only_as_it_stands()
    {
        var witness = CosignatureVerifier.Parse(Key);
        var signature = SignedNote.ParseSignatures(Encoding.UTF8.GetBytes(Line)).Should().ContainSingle().Subject;
        witness.Verify(Text, signature, out var time).Should().BeTrue();
        time.Should().Be(Time);
        witness.Verify(Text.Replace('3', '4'), signature, out _).Should().BeFalse();
        for (var i = 0; i < signature.Signature.Length; i++)
        {
            var changed = signature.Signature.ToArray();
            changed[i] ^= 1;
            witness.Verify(Text, signature with { Signature = changed }, out _).Should().BeFalse("byte {0} was changed", i);
        }
        witness.Verify(Text, signature with { Signature = signature.Signature[..^1] }, out _).Should().BeFalse();
        witness.Verify(Text, signature with { Name = "witness.example/w2" }, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("witness.example/w1")]
    [InlineData("witness.example/w1+e75f6533+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("witness example+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void A_key_that_is_no_witnesss_is_refused(string key) =>
        FluentActions.Invoking(() => CosignatureVerifier.Parse(key)).Should().Throw<ProofFormatException>();

    [Fact]
    public void A_private_key_reads_back()
    {
        var text = CosignatureSigner.PrivateText("witness.example/w1", [.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
        using var again = CosignatureSigner.Parse(text);
        again.Verifier.ToString().Should().Be(Key);
        FluentActions.Invoking(() => CosignatureSigner.Parse(text[..^4])).Should().Throw<ProofFormatException>();
        FluentActions.Invoking(() => NoteSigner.Parse(text)).Should().Throw<ProofFormatException>("a witness signs no logs");
    }

    [Fact]
    public void A_policy_counts_known_witnesses_once_and_refuses_what_does_not_hold()
    {
        using var second = new CosignatureSigner("witness.example/w2", Ed25519PrivateKey.FromSeed([.. new byte[31], 2]));
        using var unknown = new CosignatureSigner("other.example/w", Ed25519PrivateKey.FromSeed([.. new byte[31], 3]));
        var checkpoint = new Checkpoint(log.Name, 3, ContentHash.OfText("root"));
        var signed = checkpoint.Sign(log);
        var text = checkpoint.ToText();
        var both = new WitnessPolicy([signer.Verifier, second.Verifier], 2);
        var one = both with { Threshold = 1 };

        one.Check(Parse(signed)).Problem.Should().Contain("0 of the 2").And.Contain("1 are asked");
        one.Check(Parse(signed + unknown.SignatureLine(text, 5))).Problem.Should().NotBeNull("its witness is not known");
        var held = one.Check(Parse(signed + unknown.SignatureLine(text, 5) + signer.SignatureLine(text, 7)));
        held.Problem.Should().BeNull();
        held.Held.Should().Equal(new Cosignature("witness.example/w1", 7));
        both.Check(Parse(signed + signer.SignatureLine(text, 7) + signer.SignatureLine(text, 8))).Problem.Should().NotBeNull("one is two");
        both.Check(Parse(signed + signer.SignatureLine(text, 7) + second.SignatureLine(text, 8))).Problem.Should().BeNull();
        one.Check(Parse(signed + signer.SignatureLine("x\n", 7) + second.SignatureLine(text, 8))).Problem
            .Should().Contain("'witness.example/w1' does not hold");
        WitnessPolicy.None.Check(Parse(signed + signer.SignatureLine("x\n", 7))).Problem.Should().BeNull();
    }

    [Fact]
    public void A_checkpoint_with_cosignatures_still_opens_with_the_logs_key_alone()
    {
        var checkpoint = new Checkpoint(log.Name, 3, ContentHash.OfText("root"));
        var note = Parse(checkpoint.Sign(log) + signer.SignatureLine(checkpoint.ToText(), 7));
        note.Verify(log.Verifier).Should().BeTrue();
        CheckpointSignature.Problem(note, checkpoint, log.Verifier).Should().BeNull();
        string.Concat(note.SignatureLines).Should().EndWith(signer.SignatureLine(checkpoint.ToText(), 7));
    }

    [Fact]
    public void A_body_of_add_checkpoint_reads_back()
    {
        var body = new AddCheckpoint(20, [ContentHash.OfText("a"), ContentHash.OfText("b")], Text + "\n" + Line);
        var again = AddCheckpoint.Parse(body.ToBytes());
        again.OldSize.Should().Be(20);
        again.Proof.Should().Equal(body.Proof);
        again.CheckpointNote.Should().Be(body.CheckpointNote);
        Encoding.UTF8.GetString(new AddCheckpoint(0, [], "note\n").ToBytes()).Should().Be("old 0\n\nnote\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 1\n")]
    [InlineData("old 01\n\nnote\n")]
    [InlineData("old -1\n\nnote\n")]
    [InlineData("Old 1\n\nnote\n")]
    [InlineData("old  1\n\nnote\n")]
    [InlineData("1\n\nnote\n")]
    [InlineData("old 1\nAAAA\n\nnote\n")]
    [InlineData("old 1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\nnote\n")]
    [InlineData("\n\nnote\n")]
    public void A_body_that_breaks_the_format_is_refused(string body) =>
        FluentActions.Invoking(() => AddCheckpoint.Parse(Encoding.UTF8.GetBytes(body))).Should().Throw<ProofFormatException>();

    [Fact]
    public void More_than_63_hashes_are_refused()
    {
        var hash = ContentHash.OfText("a");
        AddCheckpoint.Parse(new AddCheckpoint(1, [.. Enumerable.Repeat(hash, 63)], "n\n").ToBytes()).Proof.Should().HaveCount(63);
        var body = new AddCheckpoint(1, [.. Enumerable.Repeat(hash, 64)], "n\n").ToBytes();
        FluentActions.Invoking(() => AddCheckpoint.Parse(body)).Should().Throw<ProofFormatException>();
    }

    static SignedNote Parse(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note));
}
