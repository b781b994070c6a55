using System.Text.Json;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class VerifyTests(SettledFolder settled)
{
    [Fact]
    public async Task A_receipt_is_valid_with_origin_index_and_root()
    {
        var result = await Verify(settled.ReceiptPath, "--key", settled.Key);
        result.ExitCode.Should().Be(0);
        result.Output.Should().StartWith("VALID").And.ContainAll(
            $"origin   {settled.Origin}", $"index    {settled.Index} of", $"root     {settled.Root}", settled.ReceiptId);
    }

    [Fact]
    public async Task As_json_it_says_the_same()
    {
        var result = await Verify(settled.ReceiptPath, "--key", settled.Key, "--json");
        result.ExitCode.Should().Be(0);
        using var json = JsonDocument.Parse(result.Output);
        json.RootElement.GetProperty("valid").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("origin").GetString().Should().Be(settled.Origin);
        json.RootElement.GetProperty("index").GetInt64().Should().Be(settled.Index);
        json.RootElement.GetProperty("root").GetString().Should().Be(settled.Root);
    }

    [Fact]
    public void No_byte_of_a_receipt_can_change_and_leave_it_valid()
    {
        ReceiptVerifier.Verify(settled.Receipt, settled.Key).IsValid.Should().BeTrue();
        var accepted = new List<string>();
        var copy = (byte[])settled.Receipt.Clone();
        for (var place = 0; place < copy.Length; place++)
        {
            // A low bit changes the character, 0x20 its case, 0x80 makes it no text at all.
            foreach (var bit in new byte[] { 0x01, 0x20, 0x80 })
            {
                copy[place] ^= bit;
                if (ReceiptVerifier.Verify(copy, settled.Key).IsValid)
                {
                    accepted.Add($"byte {place}, bit {bit:x2}");
                }

                copy[place] ^= bit;
            }
        }

        accepted.Should().BeEmpty();
    }

    [Fact]
    public void No_byte_can_be_added_or_left_out()
    {
        for (var length = 0; length < settled.Receipt.Length; length += 7)
        {
            ReceiptVerifier.Verify(settled.Receipt.AsSpan(0, length), settled.Key).IsValid
                .Should().BeFalse("{0} bytes are not all", length);
        }

        ReceiptVerifier.Verify([.. settled.Receipt, (byte)'\n'], settled.Key).IsValid.Should().BeFalse();
        ReceiptVerifier.Verify([(byte)'\n', .. settled.Receipt], settled.Key).IsValid.Should().BeFalse();
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.4)]
    [InlineData(0.999)]
    public async Task An_altered_file_is_invalid_and_exits_with_1(double place)
    {
        var altered = (byte[])settled.Receipt.Clone();
        altered[(int)(place * altered.Length)] ^= 1;
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.At("altered.tlog-proof"), altered);

        var result = await Verify(folder.At("altered.tlog-proof"), "--key", settled.Key);

        result.ExitCode.Should().Be(1);
        result.Output.Should().StartWith("INVALID").And.Contain("reason");
    }

    [Fact]
    public async Task A_receipt_of_another_log_is_invalid_and_says_so()
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]);
        var other = new NoteVerifier("other.example/log", key.PublicKey).ToString();
        var result = await Verify(settled.ReceiptPath, "--key", other);
        result.ExitCode.Should().Be(1);
        result.Output.Should().StartWith("INVALID").And.Contain("of another log");

        var sameName = new NoteVerifier(settled.Origin, key.PublicKey).ToString();
        ReceiptVerifier.Verify(settled.Receipt, sameName).Should().BeOfType<InvalidReceipt>().Which.Reason.Should().Contain("another log");
    }

    [Fact]
    public async Task A_missing_file_is_the_users_mistake() =>
        (await Verify("nowhere.tlog-proof")).ShouldBeRefused("*no file 'nowhere.tlog-proof'*");

    [Theory]
    [InlineData("name+0000+notbase64")]
    [InlineData("justaword")]
    public async Task A_key_that_is_none_is_the_users_mistake(string key) =>
        (await Verify(settled.ReceiptPath, "--key", key)).ShouldBeRefused("*key*");

    [Fact]
    public async Task Without_a_key_nothing_can_be_said() =>
        (await Verify(settled.ReceiptPath)).ShouldBeRefused("*No log key*--key*");

    [Fact]
    public async Task The_key_beside_the_receipt_is_found()
    {
        using var folder = new TemporaryFolder();
        File.Copy(settled.ReceiptPath, folder.At("answer.tlog-proof"));
        await File.WriteAllTextAsync(folder.At("log.vkey"), settled.Key + "\n");
        (await Verify(folder.At("answer.tlog-proof"))).ExitCode.Should().Be(0);
    }

    Task<CommandResult> Verify(params string[] arguments) => CommandLine.Run(settled.Folder, ["verify", .. arguments]);
}
