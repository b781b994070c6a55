using OpenLedger.Ledger;
using OpenLedger.Silo.Configuration;
using OpenLedger.Storage;
using Orleans.Hosting;

namespace OpenLedger.Silo;

/// <summary>Where a silo keeps ledger, blobs and grain state: in its data folder, or in the cluster's database.</summary>
sealed class SiloStorage : IDisposable
{
    readonly DataFolder _folder;
    readonly PostgresDatabase? _database;
    readonly Lazy<ILedgerFiles> _ledgerFiles;

    SiloStorage(DataFolder folder, PostgresDatabase? database, LogKey logKey, IBlobStore blobs)
    {
        _folder = folder;
        _database = database;
        LogKey = logKey;
        Blobs = blobs;
        Tiles = database is null ? folder.OpenTiles() : database.OpenTiles();
        _ledgerFiles = new Lazy<ILedgerFiles>(() => database is null
            ? folder.OpenLedgerFiles()
            : new PostgresLedgerFiles(database.DataSource, folder.LedgerFolder));
    }

    public LogKey LogKey { get; }

    public IBlobStore Blobs { get; }

    /// <summary>The log's tiles and its published checkpoint.</summary>
    public ITileStore Tiles { get; }

    /// <summary>The ledger's snapshots and old transfers; opened by the silo that keeps the book.</summary>
    public ILedgerFiles LedgerFiles => _ledgerFiles.Value;

    /// <exception cref="UserErrorException">The database does not answer, or its log is signed with another key.</exception>
    public static SiloStorage Open(SiloOptions options, DataFolder folder)
    {
        var logKey = LogKey.Of(folder, options.LogKeyFile);
        var storage = options.Storage;
        if (storage.Kind == StorageKind.Sqlite)
        {
            GrainStateTables.Create(folder.StatePath);
            return new SiloStorage(folder, null, logKey, folder.Blobs);
        }

        var database = PostgresDatabase.Open(storage.ConnectionString);
        try
        {
            ClaimLog(database, logKey);
            var blobs = storage.Blobs == BlobPlace.Folder ? new FileBlobStore(storage.BlobFolder) : database.Blobs;
            return new SiloStorage(folder, database, logKey, blobs);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>This storage, when it is of that folder.</summary>
    public SiloStorage Under(DataFolder folder) =>
        ReferenceEquals(folder, _folder) ? this : throw new ArgumentException("It is another folder's.", nameof(folder));

    /// <summary>The journal, on a connection of its own.</summary>
    public IJournal OpenJournal() => _database is null ? _folder.OpenJournal() : _database.OpenJournal();

    /// <summary>Adds the stores of grain state and reminders to the engine.</summary>
    public void Configure(ISiloBuilder silo)
    {
        var (invariant, connection) = _database is null
            ? (GrainStateTables.Invariant, GrainStateTables.ConnectionString(_folder.StatePath))
            : (PostgresDatabase.Invariant, _database.ConnectionString);
        silo.AddAdoNetGrainStorageAsDefault(storage => (storage.Invariant, storage.ConnectionString) = (invariant, connection));
        silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (invariant, connection));
    }

    public void Dispose() => _database?.Dispose();

    /// <summary>The first silo's key becomes the log's; a checkpoint of another would contradict every one before.</summary>
    static void ClaimLog(PostgresDatabase database, LogKey logKey)
    {
        using var signer = logKey.Open();
        var own = signer.Verifier.ToString();
        var claimed = database.ClaimLogKey(own);
        if (claimed != own)
        {
            throw new UserErrorException(
                $"The log in this database is signed with the key {claimed}, this silo's is {own}. All silos of a cluster sign with one "
                + "key: copy keys/log.key of the first one's data folder and name it, "
                + $"{SiloConfiguration.Section}:{nameof(SiloOptions.LogKeyFile)} or --log-key.");
        }
    }
}
