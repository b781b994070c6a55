namespace OpenLedger.Storage;

/// <summary>
/// What a data folder holds at one moment, for copying it elsewhere. The folder is locked for as long, and nothing in it is changed: the
/// journal and the grain state are read from copies in a temporary folder, which goes when this is disposed.
/// </summary>
public sealed class DataFolderSnapshot : IDisposable
{
    readonly FileStream held;
    readonly DirectoryInfo copies;

    DataFolderSnapshot(string folder, FileStream held, DirectoryInfo copies)
    {
        Folder = folder;
        this.held = held;
        this.copies = copies;
    }

    /// <summary>Full path of the data folder.</summary>
    public string Folder { get; }

    /// <summary>The log's public key, a C2SP signed-note verifier key.</summary>
    public string LogKey => DataFolder.ReadLogKey(Folder);

    /// <summary>The file that holds the key that signs the log.</summary>
    public string PrivateKeyPath => Path.Combine(Folder, "keys", "log.key");

    /// <summary>A copy of the grain state's file, brought up to date.</summary>
    public string StatePath => Path.Combine(copies.FullName, DataFolder.StateName);

    /// <summary>Locks a data folder and copies its databases.</summary>
    /// <exception cref="DataFolderException">Not a data folder, of another version, in use by a silo, or not readable.</exception>
    public static DataFolderSnapshot Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = Path.GetFullPath(path);
        if (!File.Exists(Path.Combine(folder, "format")) || !File.Exists(Path.Combine(folder, "lock")))
        {
            throw new DataFolderException($"there is no data folder at {folder}: name the folder that a silo was started with");
        }
        _ = DataFolder.CheckFormat(folder);
        var held = DataFolder.Lock(folder, FileMode.Open, FileAccess.Read);
        var copies = Directory.CreateTempSubdirectory("openledger-migrate-");
        try
        {
            foreach (var name in new[] { DataFolder.JournalName, DataFolder.StateName })
            {
                // What a crash left in the write-ahead log belongs to the file.
                foreach (var part in new[] { name, name + "-wal" }.Where(part => File.Exists(Path.Combine(folder, part))))
                {
                    File.Copy(Path.Combine(folder, part), Path.Combine(copies.FullName, part));
                }
            }
            var snapshot = new DataFolderSnapshot(folder, held, copies);
            _ = GrainStateTables.Create(snapshot.StatePath);
            return snapshot;
        }
        catch (Exception exception)
        {
            copies.Delete(recursive: true);
            held.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new DataFolderException($"the data folder {folder} cannot be read: {exception.Message}");
            }
            throw;
        }
    }

    /// <summary>Opens the copy of the journal.</summary>
    public SqliteJournal OpenJournal() => SqliteJournal.Open(Path.Combine(copies.FullName, DataFolder.JournalName));

    /// <summary>The blobs' files, in the order of their hashes.</summary>
    /// <exception cref="DataFolderException">A file among them is none.</exception>
    public IReadOnlyList<BlobFile> Blobs()
    {
        var root = Path.Combine(Folder, "blobs", "sha256");
        if (!Directory.Exists(root))
        {
            return [];
        }
        var files = new DirectoryInfo(root).GetFiles("*", SearchOption.AllDirectories).OrderBy(file => file.Name, StringComparer.Ordinal);
        return [.. files.Select(file => new BlobFile(HashOf(file), file.FullName, file.Length))];
    }

    public void Dispose()
    {
        copies.Delete(recursive: true);
        held.Dispose();
    }

    static ContentHash HashOf(FileInfo file)
    {
        try
        {
            return ContentHash.Parse("sha256:" + file.Name);
        }
        catch (FormatException)
        {
            throw new DataFolderException($"{file.FullName} lies among the blobs and is none: move it away");
        }
    }
}

/// <summary>A blob as a file.</summary>
/// <param name="SizeBytes">Its length.</param>
public sealed record BlobFile(ContentHash Hash, string Path, long SizeBytes);
