using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class FolderLedgerFilesTests : LedgerFilesKit, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    protected override ILedgerFiles Open() => new FolderLedgerFiles(folder.File("ledger"));

    [Fact]
    public void What_an_interrupted_write_left_behind_is_removed()
    {
        using var files = Open();
        File.WriteAllText(Path.Combine(folder.File("ledger"), "segment-1.new"), "half");
        using var again = Open();
        again.List().Should().BeEmpty();
        Directory.EnumerateFiles(folder.File("ledger")).Should().BeEmpty();
    }

    [Fact]
    public void A_name_that_would_lead_elsewhere_is_refused()
    {
        using var files = Open();
        FluentActions.Invoking(() => files.Write("../journal", [])).Should().Throw<ArgumentException>();
    }
}
