using System.Text;

namespace OpenLedger.Storage;

/// <summary>
/// A silo's data on disk, held by one process at a time: <c>format</c> (what this folder is, and its version), <c>lock</c>,
/// <c>keys/log.key</c> (signs the log's checkpoints; readable by the owner alone), <c>log.vkey</c> (its public half),
/// <c>journal.db</c>, <c>state.db</c>, <c>blobs/</c>, <c>log/</c> (the log's tiles and checkpoint, for anybody to read).
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>Version of the layout.</summary>
    public const int FormatVersion = 2;

    /// <summary>Name of the file that holds the log's public key.</summary>
    public const string LogKeyName = "log.vkey";

    internal const string JournalName = "journal.db";
    internal const string StateName = "state.db";
    const string FormatPrefix = "openledger data folder ";
    static readonly string[] leftByAnInterruptedStart = ["lock", "keys", "format.new"];
    readonly FileStream held;
    readonly string privateKey;

    DataFolder(string path, FileStream held, string privateKey, bool isNew)
    {
        Folder = path;
        this.held = held;
        this.privateKey = privateKey;
        IsNew = isNew;
        Blobs = new FileBlobStore(Path.Combine(path, "blobs"));
    }

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Whether this start created it.</summary>
    public bool IsNew { get; }

    /// <summary>Path of the journal.</summary>
    public string JournalPath => Path.Combine(Folder, JournalName);

    /// <summary>Path of the file for grain state.</summary>
    public string StatePath => Path.Combine(Folder, StateName);

    /// <summary>The blob store below <c>blobs/</c>.</summary>
    public IBlobStore Blobs { get; }

    /// <summary>Opens a data folder, creating it where there is none or an empty one.</summary>
    /// <param name="ids">Gives the log's key, and its name where none is given.</param>
    /// <param name="logName">Name of a new log, which is its origin; null makes <c>openledger.local/…</c> with a random part.</param>
    /// <exception cref="DataFolderException">
    /// In use by another process, of another version, not a data folder, or not accessible.
    /// </exception>
    public static DataFolder Open(string path, IdSource ids, string? logName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(ids);
        var folder = Path.GetFullPath(path);
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"the data folder {folder} cannot be created: {exception.Message}");
        }
        RefuseForeign(folder);
        var held = Lock(folder);
        try
        {
            var isNew = CheckFormat(folder);
            var privateKey = ReadOrCreateKey(folder, ids, logName);
            if (isNew)
            {
                FileSync.WriteAtomically(Path.Combine(folder, "format"), Encoding.UTF8.GetBytes($"{FormatPrefix}{FormatVersion}\n"));
            }
            PublishLogKey(folder, privateKey);
            return new DataFolder(folder, held, privateKey, isNew);
        }
        catch (UnauthorizedAccessException exception)
        {
            held.Dispose();
            throw new DataFolderException($"the data folder {folder} cannot be used: {exception.Message}");
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The log's public key of a data folder, which may be in use: a C2SP signed-note verifier key.</summary>
    /// <exception cref="DataFolderException">There is no data folder, or it has no key.</exception>
    public static string ReadLogKey(string path)
    {
        var file = Path.Combine(Path.GetFullPath(path), LogKeyName);
        return File.Exists(file)
            ? File.ReadAllText(file).Trim()
            : throw new DataFolderException($"there is no log key in '{path}': it is not a data folder, or nothing was ever started on it");
    }

    /// <summary>The key that signs the log's checkpoints; the caller disposes it.</summary>
    public NoteSigner OpenSigner() => NoteSigner.Parse(privateKey);

    /// <summary>Opens the journal; the caller (or the core that takes it) disposes it.</summary>
    public SqliteJournal OpenJournal() => SqliteJournal.Open(JournalPath);

    /// <summary>The tiles of the log below <c>log/</c>.</summary>
    public FileTileStore OpenTiles() => new(Path.Combine(Folder, "log"));

    /// <summary>Snapshots, old transfers and their index, below <c>ledger/</c>: the next start makes anew what is removed.</summary>
    public FolderLedgerFiles OpenLedgerFiles() => new(LedgerFolder);

    /// <summary>Where the ledger's files are, or the copies of those in a database.</summary>
    public string LedgerFolder => Path.Combine(Folder, "ledger");

    /// <summary>Lets the folder go.</summary>
    public void Dispose() => held.Dispose();

    static void PublishLogKey(string folder, string privateKey)
    {
        using var signer = NoteSigner.Parse(privateKey);
        var text = $"{signer.Verifier}\n";
        var path = Path.Combine(folder, LogKeyName);
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            FileSync.WriteAtomically(path, Encoding.UTF8.GetBytes(text));
        }
    }

    // Before the lock is made: a folder of something else is left as it was.
    static void RefuseForeign(string folder)
    {
        if (File.Exists(Path.Combine(folder, "format")))
        {
            return;
        }
        var foreign = Directory.EnumerateFileSystemEntries(folder)
            .Select(entry => Path.GetFileName(entry))
            .FirstOrDefault(name => !leftByAnInterruptedStart.Contains(name, StringComparer.Ordinal));
        if (foreign is not null)
        {
            throw new DataFolderException(
                $"the folder {folder} holds other things ('{foreign}') and is not a data folder: name an empty or a new folder");
        }
    }

    internal static FileStream Lock(
        string folder, FileMode mode = FileMode.OpenOrCreate, FileAccess access = FileAccess.ReadWrite)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), mode, access, FileShare.None);
        }
        catch (IOException)
        {
            throw new DataFolderException(
                $"the data folder {folder} is in use by another process: stop that one, or name another folder with --data");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DataFolderException($"the data folder {folder} cannot be used: {exception.Message}");
        }
    }

    internal static bool CheckFormat(string folder)
    {
        var path = Path.Combine(folder, "format");
        if (!File.Exists(path))
        {
            return true;
        }
        var text = File.ReadAllText(path).TrimEnd('\n');
        return text == $"{FormatPrefix}{FormatVersion}"
            ? false
            : throw new DataFolderException(
                $"the data folder {folder} says '{(text.Length > 60 ? text[..60] : text)}'; this program knows version {FormatVersion}");
    }

    static string ReadOrCreateKey(string folder, IdSource ids, string? logName)
    {
        var path = Path.Combine(folder, "keys", "log.key");
        if (File.Exists(path))
        {
            return File.ReadAllText(path).TrimEnd('\n');
        }
        if (File.Exists(Path.Combine(folder, "format")))
        {
            throw new DataFolderException(
                $"the log's key {path} is missing: restore it from a copy; a new key would not prove old receipts");
        }
        var name = logName ?? "openledger.local/" + ids.Next("log");
        var text = NoteSigner.PrivateText(name, ids.NextBytes(Ed25519.SeedSizeBytes));
        CreatePrivateFolder(Path.GetDirectoryName(path)!);
        FileSync.WriteAtomically(path, Encoding.UTF8.GetBytes(text + "\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return text;
    }

    static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(folder);
        }
        else
        {
            _ = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}

/// <summary>A data folder cannot be used; the message names it and says what to do.</summary>
public sealed class DataFolderException(string message) : UserErrorException(message);
