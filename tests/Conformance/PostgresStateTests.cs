using OpenLedger.Storage;
using OpenLedger.TestKit;

namespace OpenLedger.Conformance;

/// <summary>
/// What is promised of states in relational tables, over PostgreSQL:
/// https://learn.microsoft.com/dotnet/orleans/grains/grain-persistence/relational-storage.
/// </summary>
public sealed class PostgresStateTests(PostgresFixture postgres) : RelationalStateKit
{
    string? connectionString;

    protected override async Task<(string Invariant, string ConnectionString)> Database()
    {
        connectionString ??= await postgres.NewDatabase();
        await using var database = PostgresDatabase.Open(connectionString);
        return (PostgresDatabase.Invariant, connectionString);
    }
}
