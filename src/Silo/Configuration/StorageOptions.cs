using System.ComponentModel.DataAnnotations;
using System.Data.Common;

namespace OpenLedger.Silo.Configuration;

/// <summary>What keeps the ledger, the grains' state and the reminders.</summary>
public enum StorageKind
{
    /// <summary>SQLite files in the data folder: one silo.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database that the silos of a cluster share.</summary>
    PostgreSql,
}

/// <summary>Where blobs (rows, gradients, weights) lie when the rest is in PostgreSQL.</summary>
public enum BlobPlace
{
    /// <summary>In the same database.</summary>
    Database,

    /// <summary>In a folder that every silo sees under the same or another path.</summary>
    Folder,
}

/// <summary>Section <c>OpenLedger:Storage</c>. A class and not a record: nothing prints its connection string by accident.</summary>
public sealed class StorageOptions
{
    /// <summary>Default <see cref="StorageKind.Sqlite"/>.</summary>
    [EnumDataType(typeof(StorageKind), ErrorMessage = "take Sqlite or PostgreSql.")]
    public StorageKind Kind { get; set; } = StorageKind.Sqlite;

    /// <summary>
    /// Npgsql's connection string, <c>Host=…;Database=…;Username=…</c>; needed with <see cref="StorageKind.PostgreSql"/>. The password
    /// may be left out and come by <c>PGPASSFILE</c> or <c>PGPASSWORD</c>. Never logged.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Default <see cref="BlobPlace.Database"/>; with <see cref="StorageKind.Sqlite"/> blobs lie in the data folder.</summary>
    [EnumDataType(typeof(BlobPlace), ErrorMessage = "take Database or Folder.")]
    public BlobPlace Blobs { get; set; } = BlobPlace.Database;

    /// <summary>The shared folder of <see cref="BlobPlace.Folder"/>.</summary>
    public string BlobFolder { get; set; } = "";

    /// <summary>The database in words: host, name and user, without the password.</summary>
    public string Describe()
    {
        if (Kind == StorageKind.Sqlite)
        {
            return "SQLite in the data folder";
        }

        var parts = Parts();
        return $"PostgreSQL database {Part(parts, "database")} on {Part(parts, "host", "server")} as {Part(parts, "username", "user id")}";
    }

    internal IEnumerable<string> Problems()
    {
        const string path = $"{SiloConfiguration.Section}:Storage";
        if (Kind == StorageKind.Sqlite)
        {
            if (ConnectionString.Length > 0)
            {
                yield return $"{path}:ConnectionString is set but {path}:Kind is Sqlite: set Kind to PostgreSql, or leave it out.";
            }

            yield break;
        }

        if (ConnectionString.Length == 0)
        {
            yield return $"{path}:ConnectionString is missing: name the database, 'Host=…;Database=…;Username=…'.";
        }
        else if (Parts() is not { } parts)
        {
            yield return $"{path}:ConnectionString cannot be read: it is a list of name=value, separated by ';'.";
        }
        else if (Part(parts, "host", "server") == Unnamed || Part(parts, "database", "db") == Unnamed)
        {
            yield return $"{path}:ConnectionString names no Host or no Database: 'Host=…;Database=…;Username=…'.";
        }

        if (Blobs == BlobPlace.Folder && BlobFolder.Length == 0)
        {
            yield return $"{path}:BlobFolder is missing: with Blobs=Folder, name the folder that every silo shares.";
        }
    }

    const string Unnamed = "(unnamed)";

    DbConnectionStringBuilder? Parts()
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = ConnectionString };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    static string Part(DbConnectionStringBuilder? parts, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parts?.TryGetValue(name, out var value) == true && value is string { Length: > 0 } text)
            {
                return text;
            }
        }

        return Unnamed;
    }
}
