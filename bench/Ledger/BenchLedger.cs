using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Bench.Ledger;

/// <summary>A ledger with everything that a silo gives it: journal, tiles, files, on SQLite or on PostgreSQL.</summary>
sealed class BenchLedger : IDisposable
{
    public const int AccountCount = 10_000;

    readonly string folder;
    readonly PostgresDatabase? database;
    readonly NoteSigner signer = new("bench.example/log", Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]));
    readonly List<IDisposable> opened = [];

    /// <param name="connectionString">Of an empty database; null takes SQLite in the folder.</param>
    public BenchLedger(string folder, string? connectionString)
    {
        this.folder = folder;
        _ = Directory.CreateDirectory(folder);
        database = connectionString is null ? null : PostgresDatabase.Open(connectionString);
    }

    public static OpenAccount[] Openings { get; } =
    [
        new OpenAccount("mint", AccountFlags.Mint),
        .. Enumerable.Range(0, AccountCount).Select(i => new OpenAccount(TransferMix.NameOf(i))),
    ];

    /// <summary>Where the log of the ledger that was opened last is written to.</summary>
    public ITileStore? Tiles { get; private set; }

    /// <summary>Opens the ledger as a start of a silo does.</summary>
    public LedgerCore Open()
    {
        IJournal journal = database is null ? SqliteJournal.Open(Path.Combine(folder, "journal.db")) : database.OpenJournal();
        ITileStore tiles = database is null ? new FileTileStore(Path.Combine(folder, "log")) : database.OpenTiles();
        ILedgerFiles files = database is null
            ? new FolderLedgerFiles(Path.Combine(folder, "ledger"))
            : new PostgresLedgerFiles(database.DataSource, Path.Combine(folder, "ledger"));
        opened.Add(files);
        Tiles = tiles;
        return LedgerCore.Open(journal, signer, TimeProvider.System, IdSource.Secure(), tiles, files);
    }

    /// <summary>Forgets snapshots and old transfers, so that a start has the journal alone.</summary>
    public void RemoveFiles()
    {
        using ILedgerFiles files = database is null
            ? new FolderLedgerFiles(Path.Combine(folder, "ledger"))
            : new PostgresLedgerFiles(database.DataSource, Path.Combine(folder, "ledger"));
        foreach (var name in files.List())
        {
            files.Delete(name);
        }
    }

    /// <summary>Opens the accounts and gives each of them something to pay with.</summary>
    public static void Fund(LedgerCore core)
    {
        for (var i = 0; i < Openings.Length; i += Book.BatchMax)
        {
            _ = core.Commit(new LedgerRequest { Accounts = Openings[i..Math.Min(Openings.Length, i + Book.BatchMax)] });
        }
        for (var i = 0; i < AccountCount; i += Book.BatchMax)
        {
            var reply = core.Commit(new LedgerRequest
            {
                Transfers =
                [
                    .. Enumerable.Range(i, Math.Min(AccountCount, i + Book.BatchMax) - i).Select(account => new Transfer(
                        TransferId.From($"fund/{account}"), "mint", TransferMix.NameOf(account), Amount.FromOpen(10_000))),
                ],
            });
            if (!reply.TransfersStand)
            {
                throw new InvalidOperationException("the accounts could not be funded");
            }
        }
    }

    public void Dispose()
    {
        opened.ForEach(each => each.Dispose());
        database?.Dispose();
        signer.Dispose();
    }
}
