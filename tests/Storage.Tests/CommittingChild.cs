using System.Globalization;
using System.Runtime.CompilerServices;
using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

/// <summary>
/// The process that is killed: this assembly, started with the name of a data folder in an environment variable, commits without end and
/// prints what has been acknowledged, instead of running tests.
/// </summary>
static class CommittingChild
{
    public const string FolderVariable = "OPENLEDGER_TEST_COMMIT_INTO";

    [ModuleInitializer]
    internal static void CommitWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder)
        {
            CommitForever(folder);
        }
    }

    static void CommitForever(string path)
    {
        using var folder = DataFolder.Open(path, IdSource.FromSeed(1), "test.example/killed");
        using var signer = folder.OpenSigner();
        using var core = LedgerCore.Open(folder.OpenJournal(), signer, TimeProvider.System, IdSource.Secure());
        _ = core.Commit(Samples.Genesis);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        for (var number = (int)core.ReceiptCount; ; number++)
        {
            var reply = core.Commit(Samples.Settlement(number));
            if (reply.Receipts[0].Status != ReceiptStatus.Ok)
            {
                output.WriteLine($"refused {reply.Transfers[0]}");
                return;
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} {core.TreeSize} {core.Root}"));
        }
    }
}
