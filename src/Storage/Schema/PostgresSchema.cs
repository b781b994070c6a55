using Npgsql;

namespace OpenLedger.Storage;

/// <summary>
/// What a PostgreSQL database of this program holds: the engine's tables (membership, grain state, reminders) with the statements that its
/// providers look up by name in <c>OrleansQuery</c>, the journal, and the blobs.
/// </summary>
static class PostgresSchema
{
    // Any number will do that nothing else in the database locks on.
    const long LockKey = 0x4F70_656E_4C65_6467;
    const string LockTimeout = "60s";
    const string TableExists = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('openledger_migrations')";

    // Keys compare byte by byte whatever the database's collation.
    const string Tables = """
        CREATE TABLE OrleansQuery (QueryKey TEXT PRIMARY KEY, QueryText TEXT NOT NULL);

        CREATE TABLE OrleansMembershipVersionTable (
            DeploymentId TEXT COLLATE "C" PRIMARY KEY,
            Version INTEGER NOT NULL);
        CREATE TABLE OrleansMembershipTable (
            DeploymentId TEXT COLLATE "C" NOT NULL REFERENCES OrleansMembershipVersionTable,
            Address TEXT COLLATE "C" NOT NULL,
            Port INTEGER NOT NULL,
            Generation INTEGER NOT NULL,
            SiloName TEXT NOT NULL,
            HostName TEXT NOT NULL,
            Status INTEGER NOT NULL,
            ProxyPort INTEGER NOT NULL,
            SuspectTimes TEXT NULL,
            StartTime TIMESTAMPTZ NOT NULL,
            IAmAliveTime TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (DeploymentId, Address, Port, Generation)) WITH (fillfactor = 50);

        CREATE TABLE OrleansStorage (
            ServiceId TEXT COLLATE "C" NOT NULL,
            GrainTypeString TEXT COLLATE "C" NOT NULL,
            GrainIdExtensionString TEXT COLLATE "C" NOT NULL,
            PayloadBinary BYTEA NULL,
            Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString)) WITH (fillfactor = 80);

        CREATE TABLE OrleansRemindersTable (
            ServiceId TEXT COLLATE "C" NOT NULL,
            GrainId TEXT COLLATE "C" NOT NULL,
            ReminderName TEXT COLLATE "C" NOT NULL,
            StartTime TIMESTAMPTZ NOT NULL,
            Period BIGINT NOT NULL,
            GrainHash INTEGER NOT NULL,
            Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, ReminderName));
        CREATE INDEX OrleansRemindersByHash ON OrleansRemindersTable (ServiceId, GrainHash);

        CREATE TABLE journal_head (id INTEGER PRIMARY KEY CHECK (id = 1), sequence BIGINT NOT NULL, hash BYTEA NOT NULL);
        CREATE TABLE journal (
            sequence BIGINT PRIMARY KEY,
            timestamp_ns BIGINT NOT NULL,
            previous BYTEA NOT NULL,
            payload BYTEA NOT NULL,
            hash BYTEA NOT NULL);
        INSERT INTO journal_head (id, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

        CREATE TABLE log_key (id INTEGER PRIMARY KEY CHECK (id = 1), verifier TEXT NOT NULL);

        CREATE SEQUENCE blob_id;
        CREATE TABLE blob (hash BYTEA PRIMARY KEY, id BIGINT NOT NULL UNIQUE, size_bytes BIGINT NOT NULL);
        CREATE TABLE blob_chunk (
            blob_id BIGINT NOT NULL,
            number INTEGER NOT NULL,
            content BYTEA NOT NULL,
            PRIMARY KEY (blob_id, number));
        ALTER TABLE blob_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
        """;

    // Payloads and tiles are hashes and numbers: trying to compress them costs time and gains nothing.
    const string LedgerTables = """
        ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL;
        CREATE TABLE ledger_file (
            name TEXT COLLATE "C" NOT NULL, part INTEGER NOT NULL, content BYTEA NOT NULL, PRIMARY KEY (name, part));
        ALTER TABLE ledger_file ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE TABLE log_tile (path TEXT COLLATE "C" PRIMARY KEY, content BYTEA NOT NULL);
        ALTER TABLE log_tile ALTER COLUMN content SET STORAGE EXTERNAL;
        """;

    static readonly Migration[] steps =
    [
        new(1, "membership, grain state, reminders, journal, blobs", Tables,
            [.. MembershipQueries.All, .. GrainStateQueries.Postgres, .. ReminderQueries.Postgres]),
        new(2, "snapshots of the ledger, tiles of the log", LedgerTables, []),
    ];

    /// <summary>The newest version that this program knows.</summary>
    public static int Version => steps[^1].Version;

    /// <summary>Applies what is missing, under an advisory lock: several silos may start at once.</summary>
    /// <exception cref="DatabaseException">Not reachable, not permitted, or newer than this program.</exception>
    public static MigrationReport Migrate(string connectionString)
    {
        // Not pooled: closing the connection lets the lock go whatever happens.
        var builder = PostgresConnection.Parse(connectionString);
        builder.Pooling = false;
        var database = PostgresConnection.Describe(builder);
        try
        {
            using var connection = new NpgsqlConnection(builder.ToString());
            connection.Open();
            using (var command = new NpgsqlCommand($"SET lock_timeout = '{LockTimeout}'; SELECT pg_advisory_lock({LockKey})", connection))
            {
                command.CommandTimeout = 0;
                _ = command.ExecuteNonQuery();
            }
            return Migrator.Run(connection, steps, TableExists, database);
        }
        catch (NpgsqlException exception)
        {
            throw new DatabaseException($"the database {database} cannot be used: {exception.Message}", exception);
        }
    }
}
