using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using OpenLedger.Bench.Measuring;

namespace OpenLedger.Bench.Ledger;

/// <summary>
/// What one would write without a ledger: for each transfer a transaction of two balance updates and an insert, prepared, pipelined in one
/// round trip, amounts as numeric. The account with the smaller number is updated first, so that no two wait for each other in a circle.
/// </summary>
static class HandWrittenSql
{
    const int AccountCount = 10_000;

    const string Schema = """
        CREATE TABLE account (id INTEGER PRIMARY KEY, balance NUMERIC(38, 0) NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
        CREATE TABLE transfer (
            id UUID PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount NUMERIC(38, 0) NOT NULL,
            at TIMESTAMPTZ NOT NULL DEFAULT now());
        INSERT INTO account SELECT n, 1000000000000000000000 FROM generate_series(0, 9999) AS n;
        ANALYZE account;
        """;

    /// <summary>Transfers a second with each count of connections.</summary>
    public static async Task<IReadOnlyList<(int Connections, double PerSecond)>> Measure(string connectionString, TimeSpan each)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 20 });
        await using (var create = source.CreateCommand(Schema))
        {
            _ = await create.ExecuteNonQueryAsync();
        }
        var rates = new List<(int, double)>();
        foreach (var connections in new[] { 1, 4, 8, 16 })
        {
            ProgressLine.Write($"hand-written SQL on {connections} connections");
            _ = await Run(source, connections, TimeSpan.FromSeconds(0.5));
            rates.Add((connections, await Run(source, connections, each)));
        }
        return rates;
    }

    static async Task<double> Run(NpgsqlDataSource source, int connections, TimeSpan time)
    {
        // Other ids in every run.
        var seed = (connections * 1_000) + (int)time.TotalMilliseconds;
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(worker => Task.Run(() => Transfer(source, seed, worker, time))));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    static async Task<long> Transfer(NpgsqlDataSource source, int seed, int worker, TimeSpan time)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        var update = "UPDATE account SET balance = balance + $2 WHERE id = $1";
        batch.BatchCommands.Add(Command(update, NpgsqlDbType.Integer, NpgsqlDbType.Numeric));
        batch.BatchCommands.Add(Command(update, NpgsqlDbType.Integer, NpgsqlDbType.Numeric));
        batch.BatchCommands.Add(Command(
            "INSERT INTO transfer (id, debit, credit, amount) VALUES ($1, $2, $3, $4)",
            NpgsqlDbType.Uuid, NpgsqlDbType.Integer, NpgsqlDbType.Integer, NpgsqlDbType.Numeric));
        await batch.PrepareAsync();
        var random = new Random(seed + worker);
        var id = new byte[16];
        var started = Stopwatch.GetTimestamp();
        long count = 0;
        for (; Stopwatch.GetElapsedTime(started) < time; count++)
        {
            var debit = random.Next(AccountCount);
            var credit = (debit + 1 + random.Next(AccountCount - 1)) % AccountCount;
            decimal amount = random.Next(1, 1_000_000_000);
            Set(batch.BatchCommands[0], Math.Min(debit, credit), debit < credit ? -amount : amount);
            Set(batch.BatchCommands[1], Math.Max(debit, credit), debit < credit ? amount : -amount);
            random.NextBytes(id);
            Set(batch.BatchCommands[2], new Guid(id), debit, credit, amount);
            _ = await batch.ExecuteNonQueryAsync();
        }
        return count;
    }

    static NpgsqlBatchCommand Command(string text, params NpgsqlDbType[] types)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var type in types)
        {
            _ = command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        }
        return command;
    }

    static void Set(NpgsqlBatchCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
