namespace OpenLedger.Storage.Tests;

public sealed class FileWitnessStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_cosigned_is_there_after_a_restart_where_monitors_look_for_it()
    {
        using (var store = new FileWitnessStore(folder.File("witness")))
        {
            store.Read("log.example/one").Should().BeNull();
            store.Write("log.example/one", "first\n");
            store.Write("log.example/one", "second\n");
            store.Write("log.example/two", "other\n");
        }
        using var again = new FileWitnessStore(folder.File("witness"));
        again.Read("log.example/one").Should().Be("second\n");
        File.ReadAllText(folder.File($"witness/{ContentHash.OfText("log.example/one").Hex}/checkpoint")).Should().Be("second\n");
    }

    [Fact]
    public void Two_witnesses_never_share_a_memory()
    {
        using var store = new FileWitnessStore(folder.File("witness"));
        FluentActions.Invoking(() => new FileWitnessStore(folder.File("witness"))).Should().Throw<DataFolderException>();
    }
}
