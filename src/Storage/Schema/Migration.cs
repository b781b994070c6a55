using System.Data.Common;
using System.Globalization;

namespace OpenLedger.Storage;

/// <summary>One step of a database's schema. A step that was once released is never changed: the next change is another step.</summary>
/// <param name="Version">1 for the first, then without gaps.</param>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Sql">Its statements; they take no parameters.</param>
/// <param name="Queries">Statements to put into <c>OrleansQuery</c>, where the engine's providers look them up by name.</param>
sealed record Migration(int Version, string Name, string Sql, IReadOnlyList<KeyValuePair<string, string>> Queries);

/// <summary>What a start or <c>openledger migrate</c> did to a database's schema.</summary>
/// <param name="From">Version found; 0 for an empty database.</param>
/// <param name="To">Version now.</param>
/// <param name="Applied">Names of the steps that were applied, in order.</param>
public sealed record MigrationReport(int From, int To, IReadOnlyList<string> Applied);

/// <summary>Applies the steps that a database lacks, each in a transaction of its own, and writes down which it has.</summary>
static class Migrator
{
    const string CreateTable = """
        CREATE TABLE openledger_migrations (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)
        """;

    /// <summary>Brings a database up to date. The caller sees to it that nobody else migrates it at the same time.</summary>
    /// <param name="tableExists">A query for the number of tables named <c>openledger_migrations</c>.</param>
    /// <param name="database">Its name in messages.</param>
    /// <exception cref="DatabaseException">The database was made by a newer program.</exception>
    public static MigrationReport Run(DbConnection connection, IReadOnlyList<Migration> steps, string tableExists, string database)
    {
        var from = VersionOf(connection, tableExists);
        if (from > steps[^1].Version)
        {
            throw new DatabaseException(
                $"the database {database} has schema version {from}, and this program knows {steps[^1].Version}: use the newer program");
        }

        var pending = steps.Where(step => step.Version > from).ToList();
        foreach (var step in pending)
        {
            Apply(connection, step, tableExists);
        }
        return new MigrationReport(from, steps[^1].Version, [.. pending.Select(step => step.Name)]);
    }

    static void Apply(DbConnection connection, Migration step, string tableExists)
    {
        using var transaction = connection.BeginTransaction();
        // Asked again within the transaction, where SQLite holds its one writer's lock.
        var version = VersionOf(connection, tableExists, transaction);
        if (version >= step.Version)
        {
            return;
        }

        if (version == 0)
        {
            Execute(connection, transaction, CreateTable);
        }
        Execute(connection, transaction, step.Sql);
        foreach (var (key, text) in step.Queries)
        {
            Execute(
                connection, transaction,
                "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text) "
                    + "ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText",
                ("@key", key), ("@text", text));
        }
        Execute(
            connection, transaction, "INSERT INTO openledger_migrations (version, name) VALUES (@version, @name)",
            ("@version", step.Version), ("@name", step.Name));
        transaction.Commit();
    }

    static int VersionOf(DbConnection connection, string tableExists, DbTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = tableExists;
        if (Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) == 0)
        {
            return 0;
        }
        command.CommandText = "SELECT coalesce(max(version), 0) FROM openledger_migrations";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    static void Execute(
        DbConnection connection, DbTransaction transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            _ = command.Parameters.Add(parameter);
        }
        _ = command.ExecuteNonQuery();
    }
}

/// <summary>A database cannot be used; the message names it, without its password, and says what to do.</summary>
public sealed class DatabaseException : UserErrorException
{
    public DatabaseException(string message)
        : base(message)
    {
    }

    public DatabaseException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
