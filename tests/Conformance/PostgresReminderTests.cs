using OpenLedger.Storage;
using OpenLedger.TestKit;

namespace OpenLedger.Conformance;

/// <summary>
/// What is promised of reminders in relational tables, over PostgreSQL:
/// https://learn.microsoft.com/dotnet/orleans/grains/timers-and-reminders#configuration.
/// </summary>
public sealed class PostgresReminderTests(PostgresFixture postgres) : RelationalReminderKit
{
    string? connectionString;

    protected override async Task<(string Invariant, string ConnectionString)> Database()
    {
        connectionString ??= await postgres.NewDatabase();
        await using var database = PostgresDatabase.Open(connectionString);
        return (PostgresDatabase.Invariant, connectionString);
    }
}
