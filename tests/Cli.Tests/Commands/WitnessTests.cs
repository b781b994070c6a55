using System.Text;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class WitnessTests(SettledFolder settled) : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_key_is_its_owners_alone_and_is_never_written_over()
    {
        var made = await Run("witness", "new-key", "witness.example/w1", "--out", _folder.At("w.key"));
        made.ExitCode.Should().Be(0, made.Error);
        CosignatureVerifier.Parse(made.Output.Trim()).Name.Should().Be("witness.example/w1");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_folder.At("w.key")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        (await Run("witness", "new-key", "witness.example/w1", "--out", _folder.At("w.key"))).ShouldBeRefused("*never written over*");
        (await Run("witness", "new-key", "two words", "--out", _folder.At("x.key"))).ShouldBeRefused("*'two words' cannot name a key*");
        (await Run("witness", "run", "--key", _folder.At("y.key"), "--log", settled.Key)).ShouldBeRefused("*no witness key*new-key*");
    }

    [Fact]
    public async Task A_receipt_counts_the_witnesses_that_are_named()
    {
        var made = await Run("witness", "new-key", "witness.example/w1", "--out", _folder.At("w.key"));
        var key = made.Output.Trim();
        using var signer = CosignatureSigner.Parse((await File.ReadAllTextAsync(_folder.At("w.key"))).Trim());
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(TlogProof.Parse(settled.Receipt).CheckpointNote));
        byte[] cosigned = [.. settled.Receipt, .. Encoding.UTF8.GetBytes(signer.SignatureLine(note.Text, 1_700_000_000))];
        await File.WriteAllBytesAsync(_folder.At("cosigned.tlog-proof"), cosigned);

        var valid = await Run("verify", _folder.At("cosigned.tlog-proof"), "--key", settled.Key, "--witness", key);
        valid.ExitCode.Should().Be(0, valid.Error);
        valid.Output.Should().Contain("witness  witness.example/w1, 2023-11-14 22:13:20Z");
        (await Run("verify", _folder.At("cosigned.tlog-proof"), "--key", settled.Key)).ExitCode.Should().Be(0);
        var alone = await Run("verify", settled.ReceiptPath, "--key", settled.Key, "--witness", key);
        alone.ExitCode.Should().Be(1);
        alone.Output.Should().Contain("0 of the 1 known witnesses");
        var indulgent = await Run("verify", settled.ReceiptPath, "--key", settled.Key, "--witness", key, "--witness-threshold", "0");
        indulgent.ExitCode.Should().Be(0, indulgent.Error);
        (await Run("verify", settled.ReceiptPath, "--key", settled.Key, "--witness", key, "--witness-threshold", "2"))
            .ShouldBeRefused("*takes 0 to 1*");
        (await Run("verify", settled.ReceiptPath, "--key", settled.Key, "--witness", settled.Key)).ShouldBeRefused("*not a witness's*");
    }

    Task<CommandResult> Run(params string[] arguments) => CommandLine.Run(_folder.Path, arguments);
}
