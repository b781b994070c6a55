using System.Globalization;
using Npgsql;

namespace OpenLedger.Storage;

/// <summary>Connection strings: what is said of them never holds a password.</summary>
public static class PostgresConnection
{
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
