using System.Globalization;
using Npgsql;

namespace OpenLedger.Storage;

/// <summary>Connection strings: what is said of them never holds a password.</summary>
public static class PostgresConnection
{
    /// <summary>
    /// Connections of a pool where the string names no bound of its own. A silo has two pools, the engine's and ours, and one connection
    /// of the journal: three silos stay under the 100 connections that a server takes unless told otherwise.
    /// </summary>
    public const int PoolSizeMaxDefault = 12;

    /// <summary>The connection string with its pool bounded.</summary>
    /// <exception cref="DatabaseException">It cannot be read, or names no host.</exception>
    public static string Bounded(string connectionString)
    {
        var builder = Parse(connectionString);
        if (builder.MaxPoolSize == new NpgsqlConnectionStringBuilder().MaxPoolSize)
        {
            builder.MaxPoolSize = PoolSizeMaxDefault;
        }
        return builder.ToString();
    }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="DatabaseException">It cannot be read, or names no host.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The parser's own message may quote a part of the password.
            throw new DatabaseException(
                "the connection string cannot be read: write it as \"Host=…;Database=…;Username=…;Password=…\", "
                    + "with quotes around a value that holds a semicolon");
        }
        return string.IsNullOrWhiteSpace(builder.Host)
            ? throw new DatabaseException("the connection string names no host: write it as \"Host=…;Database=…;Username=…\"")
            : builder;
    }

    /// <summary>A database in messages: <c>user@host:port/database</c>.</summary>
    public static string Describe(string connectionString) => Describe(Parse(connectionString));

    internal static string Describe(NpgsqlConnectionStringBuilder builder) => string.Create(
        CultureInfo.InvariantCulture,
        $"{builder.Username ?? Environment.UserName}@{builder.Host}:{builder.Port}/{builder.Database ?? builder.Username}");
}
