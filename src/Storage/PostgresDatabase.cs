using Npgsql;

namespace OpenLedger.Storage;

/// <summary>
/// A cluster's data in PostgreSQL: the journal, the blobs, and the tables that the engine's providers use by the same connection string.
/// Unlike a data folder it serves several processes at once. The key that signs the log stays a file.
/// </summary>
public sealed class PostgresDatabase : IDisposable, IAsyncDisposable
{
    /// <summary>ADO.NET invariant of PostgreSQL, as the engine's providers name it.</summary>
    public const string Invariant = "Npgsql";

    PostgresDatabase(string connectionString, MigrationReport migration)
    {
        ConnectionString = PostgresConnection.Bounded(connectionString);
        Migration = migration;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
        Blobs = new PostgresBlobStore(DataSource);
    }

    /// <summary>As it was given, with the pool bounded; it may hold a password.</summary>
    public string ConnectionString { get; }

    /// <summary>What opening it did to the schema.</summary>
    public MigrationReport Migration { get; }

    /// <summary>The pool of connections.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>The blobs.</summary>
    public IBlobStore Blobs { get; }

    /// <summary>Opens a database, bringing its schema up to date first. Several processes may do so at once.</summary>
    /// <exception cref="DatabaseException">Not reachable, not permitted, or made by a newer program.</exception>
    public static PostgresDatabase Open(string connectionString) => new(connectionString, PostgresSchema.Migrate(connectionString));

    /// <summary>Opens the journal on a connection of its own; the caller (or the core that takes it) disposes it.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public PostgresJournal OpenJournal() => PostgresJournal.Open(DataSource);

    /// <summary>The tiles of the log, for every silo.</summary>
    public PostgresTileStore OpenTiles() => new(DataSource);

    /// <summary>
    /// Says which key signs this database's log. The first to say so decides, for as long as the database lives.
    /// </summary>
    /// <param name="verifier">The key's public half, a C2SP signed-note verifier key.</param>
    /// <returns>The verifier key that stands; a silo that signs with another one must not go on.</returns>
    public string ClaimLogKey(string verifier)
    {
        ArgumentException.ThrowIfNullOrEmpty(verifier);
        using var claim = DataSource.CreateCommand("INSERT INTO log_key (id, verifier) VALUES (1, @verifier) ON CONFLICT DO NOTHING");
        _ = claim.Parameters.AddWithValue("verifier", verifier);
        _ = claim.ExecuteNonQuery();
        using var read = DataSource.CreateCommand("SELECT verifier FROM log_key WHERE id = 1");
        return (string)read.ExecuteScalar()!;
    }

    public void Dispose() => DataSource.Dispose();

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();
}
