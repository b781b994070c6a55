using System.Text;
using System.Text.Json;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class ReceiptTests(SettledFolder settled)
{
    [Fact]
    public async Task The_leaf_printed_is_the_entry_that_the_receipts_proof_proves()
    {
        var result = await Run("receipt", "show", settled.ReceiptId, "--leaf", "--data", settled.Data);

        result.ExitCode.Should().Be(0, result.Error);
        var leaf = Convert.FromHexString(result.Output.Trim());
        var proof = TlogProof.Parse(settled.Receipt);
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(proof.CheckpointNote)).Text);
        Merkle.VerifyInclusion(proof.Index, checkpoint.TreeSize, Merkle.LeafHash(leaf), proof.Hashes, checkpoint.Root).Should().BeTrue();
        leaf[^1] ^= 1;
        Merkle.VerifyInclusion(proof.Index, checkpoint.TreeSize, Merkle.LeafHash(leaf), proof.Hashes, checkpoint.Root).Should().BeFalse();
    }

    [Fact]
    public async Task The_logs_key_is_the_one_that_verifies()
    {
        var result = await Run("log", "key", "--data", settled.Data);
        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Trim().Should().Be(settled.Key);
        ReceiptVerifier.Verify(settled.Receipt, result.Output.Trim()).IsValid.Should().BeTrue();
    }

    [Fact]
    public async Task Show_as_json_says_what_was_paid_to_whom()
    {
        var result = await Run("receipt", "show", settled.ReceiptId, "--json", "--data", settled.Data);
        result.ExitCode.Should().Be(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        var receipt = json.RootElement;
        receipt.GetProperty("id").GetString().Should().Be(settled.ReceiptId);
        receipt.GetProperty("index").GetInt64().Should().Be(settled.Index);
        var lines = receipt.GetProperty("split").EnumerateArray().Select(line => Amount.Parse(line.GetProperty("amount").GetString()!));
        Amount.Sum(lines).Should().Be(Amount.Parse(receipt.GetProperty("price").GetString()!));
    }

    [Fact]
    public async Task An_exported_receipt_verifies()
    {
        var path = Path.Combine(settled.Folder, "exported.tlog-proof");
        var result = await Run("receipt", "export", settled.ReceiptId, "--data", settled.Data, "--out", path);
        result.ExitCode.Should().Be(0, result.Error);
        ReceiptVerifier.Verify(await File.ReadAllBytesAsync(path), settled.Key).IsValid.Should().BeTrue();
    }

    [Fact]
    public async Task An_unknown_receipt_is_the_users_mistake() =>
        (await Run("receipt", "show", "rc_unknown", "--data", settled.Data)).ShouldBeRefused("*no receipt 'rc_unknown'*");

    [Fact]
    public async Task A_missing_data_folder_is_the_users_mistake_and_is_not_made()
    {
        (await Run("receipt", "show", "rc_any", "--data", "nowhere")).ShouldBeRefused("*no data folder 'nowhere'*");
        (await Run("log", "key", "--data", "nowhere")).ShouldBeRefused("*'nowhere'*not a data folder*");
        Directory.Exists(Path.Combine(settled.Folder, "nowhere")).Should().BeFalse();
    }

    [Fact]
    public async Task A_data_folder_in_use_by_another_process_is_the_users_mistake_but_its_key_can_be_read()
    {
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = settled.Data });
        (await Run("receipt", "show", settled.ReceiptId, "--data", settled.Data)).ShouldBeRefused("*is in use by another process*--data*");
        (await Run("log", "key", "--data", settled.Data)).Output.Trim().Should().Be(settled.Key);
    }

    Task<CommandResult> Run(params string[] arguments) => CommandLine.Run(settled.Folder, arguments);
}
