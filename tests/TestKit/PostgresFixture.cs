using Xunit;

namespace OpenLedger.TestKit;

/// <summary>
/// One PostgreSQL server for a whole test project, started by the first test that asks for it. A test project takes it with
/// <c>[assembly: AssemblyFixture(typeof(PostgresFixture))]</c> and its classes by constructor.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    readonly Lock gate = new();
    Task<PostgresServer>? starting;

    /// <summary>The server. Where it is not installed the test is skipped, and says so.</summary>
    public Task<PostgresServer> Server()
    {
        Assert.SkipWhen(PostgresServer.MissingReason is not null, PostgresServer.MissingReason ?? "");
        lock (gate)
        {
            return starting ??= PostgresServer.Start();
        }
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> NewDatabase() => await (await Server()).CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        if (starting is not null)
        {
            await (await starting).DisposeAsync();
        }
    }
}
