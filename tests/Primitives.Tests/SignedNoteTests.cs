using System.Text;

namespace OpenLedger.Primitives.Tests;

public sealed class SignedNoteTests
{
    // The example of the note package in Go's documentation, made by another implementation.
    const string Key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const string PrivateKey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const string Text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const string Note = Text
        + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    [Fact]
    public void A_note_of_another_implementation_verifies()
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Note));
        note.Text.Should().Be(Text);
        note.Signatures.Should().ContainSingle().Which.KeyId.Should().Be(0xc74f20a3);
        note.Verify(NoteVerifier.Parse(Key)).Should().BeTrue();
        NoteVerifier.Parse(Key).ToString().Should().Be(Key);
    }

    [Fact]
    public void We_sign_the_same_bytes_as_another_implementation()
    {
        using var signer = NoteSigner.Parse(PrivateKey);
        SignedNote.Sign(Text, signer).Should().Be(Note);
        signer.Verifier.ToString().Should().Be(Key);
    }

    [Fact]
    public void A_private_key_reads_back()
    {
        var text = NoteSigner.PrivateText("example.com/log", new byte[32]);
        using var signer = NoteSigner.Parse(text);
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        signer.Verifier.PublicKey.ToArray().Should().Equal(key.PublicKey.ToArray());
        FluentActions.Invoking(() => NoteSigner.Parse(text[..^4])).Should().Throw<ProofFormatException>();
        FluentActions.Invoking(() => NoteSigner.Parse(text.Replace("log+", "lob+", StringComparison.Ordinal)))
            .Should().Throw<ProofFormatException>().WithMessage("*damaged*");
    }

    [Fact]
    public void Signatures_of_unknown_keys_are_passed_over_and_failing_ones_refuse_the_note()
    {
        using var known = Signer("known.example", 1);
        using var unknown = Signer("unknown.example", 2);
        using var impostor = Signer("known.example", 3);
        var verifier = known.Verifier;
        Parse(SignedNote.Sign("text\n", unknown, known)).Verify(verifier).Should().BeTrue();
        Parse(SignedNote.Sign("text\n", unknown)).Verify(verifier).Should().BeFalse();
        Parse(SignedNote.Sign("text\n", impostor)).Verify(verifier).Should().BeFalse("the name is known but the key is not");
        Parse("test\n\n" + known.SignatureLine("text\n"u8) + known.SignatureLine("test\n"u8))
            .Verify(verifier).Should().BeFalse("one signature of a known key fails");
    }

    [Theory]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAA=")]
    [InlineData("text\n\n— na+me AAAAAAA=\n")]
    [InlineData("text\n\n— name AAAAAB==\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n— name  AAAAAAA=\n")]
    [InlineData("text\n\n— name AAAAAAA= \n")]
    [InlineData("text\n\n— name AAAAAAA=\r\n")]
    [InlineData("te\txt\n\n— name AAAAAAA=\n")]
    public void What_is_not_canonical_is_refused(string note) =>
        FluentActions.Invoking(() => Parse(note)).Should().Throw<ProofFormatException>();

    [Fact]
    public void Notes_have_bounds_and_are_utf_8()
    {
        using var signer = Signer("a.example", 1);
        var lines = string.Concat(Enumerable.Repeat(signer.SignatureLine("t\n"u8), SignedNote.SignaturesMax));
        Parse("t\n\n" + lines).Verify(signer.Verifier).Should().BeTrue();
        FluentActions.Invoking(() => Parse("t\n\n" + lines + signer.SignatureLine("t\n"u8))).Should().Throw<ProofFormatException>();
        FluentActions.Invoking(() => SignedNote.Parse([0xff, (byte)'\n', (byte)'\n', (byte)'a', (byte)'\n']))
            .Should().Throw<ProofFormatException>().WithMessage("*UTF-8*");
        FluentActions.Invoking(() => SignedNote.Parse(new byte[SignedNote.SizeBytesMax + 1])).Should().Throw<ProofFormatException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("PeterNeumann")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T")]
    [InlineData("PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void A_damaged_verifier_key_is_refused(string key) =>
        FluentActions.Invoking(() => NoteVerifier.Parse(key)).Should().Throw<ProofFormatException>();

    [Theory]
    [InlineData("origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true)]
    [InlineData("origin\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", true)]
    [InlineData("origin\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n", true)]
    [InlineData("origin\n020852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("origin\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("origin\n18446744073709551616\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", false)]
    [InlineData("origin\n1\nCsUY\n", false)]
    [InlineData("origin\n1\n", false)]
    [InlineData("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    public void A_checkpoint_is_taken_in_its_one_form(string text, bool valid)
    {
        if (valid)
        {
            Checkpoint.Parse(text).ToText().Should().Be(text);
        }
        else
        {
            FluentActions.Invoking(() => Checkpoint.Parse(text)).Should().Throw<ProofFormatException>();
        }
    }

    static NoteSigner Signer(string name, byte seed)
    {
        var bytes = new byte[32];
        bytes[0] = seed;
        return new NoteSigner(name, Ed25519PrivateKey.FromSeed(bytes));
    }

    static SignedNote Parse(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note));
}
