namespace OpenLedger.Storage.Tests;

public sealed class DataFolderTests : IDisposable
{
    readonly TemporaryFolder temporary = new();

    string Folder => temporary.File("data");

    public void Dispose() => temporary.Dispose();

    DataFolder Open(string? name = null) => DataFolder.Open(Folder, IdSource.FromSeed(1), name);

    [Fact]
    public void The_first_start_makes_a_key_that_later_starts_keep()
    {
        string key;
        using (var first = Open())
        {
            first.IsNew.Should().BeTrue();
            using var signer = first.OpenSigner();
            signer.Name.Should().MatchRegex("^openledger.local/log_[a-z2-7]{20}$");
            key = signer.Verifier.ToString();
        }
        using var second = DataFolder.Open(Folder, IdSource.FromSeed(99), "another.example/name");
        second.IsNew.Should().BeFalse();
        using var same = second.OpenSigner();
        same.Verifier.ToString().Should().Be(key);
    }

    [Fact]
    public void The_public_key_can_be_read_while_the_folder_is_in_use()
    {
        FluentActions.Invoking(() => DataFolder.ReadLogKey(Folder)).Should().Throw<DataFolderException>().WithMessage("*no log key*");
        using var folder = Open("example.com/log");
        using var signer = folder.OpenSigner();
        DataFolder.ReadLogKey(Folder).Should().Be(signer.Verifier.ToString());
    }

    [Fact]
    public void The_key_is_for_the_owner_alone()
    {
        using var folder = Open("example.com/log");
        var mode = File.GetUnixFileMode(Path.Combine(Folder, "keys", "log.key"));
        mode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_folder_in_use_is_refused_by_name()
    {
        using (Open())
        {
            FluentActions.Invoking(() => Open()).Should().Throw<DataFolderException>().WithMessage($"*{Folder}*in use by another process*");
        }
        using var again = Open();
        again.IsNew.Should().BeFalse();
    }

    [Fact]
    public void A_folder_of_something_else_is_refused_and_left_as_it_was()
    {
        _ = Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "thesis.txt"), "years of work");
        FluentActions.Invoking(() => Open()).Should().Throw<DataFolderException>().WithMessage("*'thesis.txt'*");
        Directory.GetFileSystemEntries(Folder).Should().ContainSingle();
    }

    [Fact]
    public void A_start_that_was_interrupted_is_finished_by_the_next()
    {
        using (Open())
        {
        }
        File.Delete(Path.Combine(Folder, "format"));
        File.Delete(Path.Combine(Folder, DataFolder.LogKeyName));
        Directory.Delete(Path.Combine(Folder, "blobs"), recursive: true);
        using var folder = Open();
        folder.IsNew.Should().BeTrue();
        File.ReadAllText(Path.Combine(Folder, "format")).Should().Be("openledger data folder 2\n");
    }

    [Fact]
    public void A_folder_of_another_version_or_without_its_key_is_refused()
    {
        using (Open())
        {
        }
        var format = Path.Combine(Folder, "format");
        File.WriteAllText(format, "openledger data folder 7\n");
        FluentActions.Invoking(() => Open()).Should().Throw<DataFolderException>().WithMessage("*version 2*");
        File.WriteAllText(format, "openledger data folder 2\n");
        File.WriteAllText(Path.Combine(Folder, "keys", "log.key"), "PRIVATE+KEY+damaged");
        FluentActions.Invoking(() => Open()).Should().Throw<ProofFormatException>();
        File.Delete(Path.Combine(Folder, "keys", "log.key"));
        FluentActions.Invoking(() => Open()).Should().Throw<DataFolderException>().WithMessage("*key*missing*");
    }

    [Fact]
    public void A_path_that_cannot_be_a_folder_is_refused()
    {
        File.WriteAllText(Folder, "a file");
        FluentActions.Invoking(() => Open()).Should().Throw<DataFolderException>().WithMessage($"*{Folder}*");
    }
}
