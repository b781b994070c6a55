using System.Text;
using System.Text.Json;
using OpenLedger.Storage;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class FsckTests(SettledFolder settled) : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_sound_ledger_is_said_to_be_and_left_as_it_was()
    {
        var data = Copy();
        var before = Files(data);

        var result = await Run("fsck", "--data", data);

        result.ExitCode.Should().Be(0, result.Error + result.Output);
        result.Output.Should().StartWith("SOUND").And.Contain(settled.Root);
        Files(data).Should().BeEquivalentTo(before, "a check reads only");
    }

    [Fact]
    public async Task As_json_it_says_what_it_recomputed()
    {
        var result = await Run("fsck", "--json", "--data", Copy());
        result.ExitCode.Should().Be(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        json.RootElement.GetProperty("sound").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("logRoot").GetString().Should().Be(settled.Root);
        json.RootElement.GetProperty("receipts").GetInt32().Should().BePositive();
        json.RootElement.GetProperty("problems").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task A_flipped_bit_of_the_journal_is_named_by_its_record()
    {
        var data = Copy();
        var journal = Path.Combine(data, "journal.db");
        var bytes = await File.ReadAllBytesAsync(journal);
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(settled.ReceiptId));
        at.Should().BePositive("the receipt's id stands in the journal");
        bytes[at + 3] ^= 1;
        await File.WriteAllBytesAsync(journal, bytes);

        var result = await Run("fsck", "--data", data);

        result.ExitCode.Should().Be(1, result.Error);
        result.Output.Should().StartWith("UNSOUND").And.MatchRegex("problem +record [0-9]+: it is damaged");
    }

    [Fact]
    public async Task A_journal_that_is_missing_is_a_problem_and_none_is_made()
    {
        var data = Copy();
        File.Delete(Path.Combine(data, "journal.db"));
        var result = await Run("fsck", "--data", data);
        result.ExitCode.Should().Be(1);
        result.Output.Should().Contain("journal.db cannot be used: it is missing");
        File.Exists(Path.Combine(data, "journal.db")).Should().BeFalse();
    }

    [Fact]
    public async Task A_checkpoint_that_somebody_kept_is_compared()
    {
        var proof = TlogProof.Parse(settled.Receipt);
        var kept = _folder.At("kept");
        await File.WriteAllTextAsync(kept, proof.CheckpointNote);
        var agrees = await Run("fsck", "--data", Copy(), "--checkpoint", kept);
        agrees.ExitCode.Should().Be(0, agrees.Error + agrees.Output);

        await File.WriteAllTextAsync(kept, proof.CheckpointNote.Replace(settled.Origin, "other.example/log", StringComparison.Ordinal));
        (await Run("fsck", "--data", Copy(), "--checkpoint", kept)).ShouldBeRefused("*not signed by the log's key*");
    }

    [Fact]
    public async Task A_folder_in_use_and_a_folder_of_something_else_are_refused()
    {
        var data = Copy();
        using (DataFolder.Open(data, IdSource.FromSeed(1)))
        {
            (await Run("fsck", "--data", data)).ShouldBeRefused("*in use by another process*");
        }

        (await Run("fsck", "--data", _folder.At("none"))).ShouldBeRefused("*there is no data folder*");
        Directory.Exists(_folder.At("none")).Should().BeFalse();
    }

    Task<CommandResult> Run(params string[] arguments) => CommandLine.Run(settled.Folder, arguments);

    string Copy() => settled.CopyTo(_folder.At("data" + Directory.GetDirectories(_folder.Path).Length));

    static Dictionary<string, string> Files(string data) => Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
        .ToDictionary(file => file, file => ContentHash.Of(File.ReadAllBytes(file)).ToString(), StringComparer.Ordinal);
}
