using System.Diagnostics;
using OpenLedger.Bench.Reports;
using OpenLedger.Economy;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Bench.Ledger;

/// <summary>
/// Settlement of one epoch: a million answers' credits are accumulated over ten thousand contributors, the payout is computed, and its
/// transfers are committed to a book on a SQLite journal, durable. The credits are drawn before the clock starts.
/// </summary>
static class EpochFigures
{
    const int ContributorCount = 10_000;
    const int AnswerCount = 1_000_000;

    /// <summary>Contributors that one answer credits.</summary>
    const int CreditsPerAnswer = 4;

    const double SecondsMax = 2;
    const string AdapterId = "ad_bench";

    /// <param name="folder">For the journal; it is made where there is none.</param>
    /// <param name="seed">Draws contributors and amounts.</param>
    public static IEnumerable<Figure> Measure(string folder, int seed)
    {
        var names = Enumerable.Range(0, ContributorCount).Select(number => $"acct_{number:d5}").ToArray();
        var (numbers, amounts) = Draw(seed);
        Directory.CreateDirectory(folder);
        using var key = Ed25519PrivateKey.FromSeed(IdSource.FromSeed((ulong)seed).NextBytes(Ed25519.SeedSizeBytes));
        using var signer = new NoteSigner("bench.example/log", key);
        using var core = LedgerCore.Open(
            SqliteJournal.Open(Path.Combine(folder, "epoch.db")), signer, TimeProvider.System, IdSource.FromSeed((ulong)seed));
        Open(core, names);

        var started = Stopwatch.GetTimestamp();
        var accumulator = new EpochAccumulator();
        foreach (var name in names)
        {
            accumulator.NumberOf(name);
        }

        for (var index = 0; index < numbers.Length; index++)
        {
            accumulator.Add(numbers[index], amounts[index]);
        }

        var accumulated = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var payments = accumulator.Payments(NetworkParameters.Default.DustThreshold.Atto);
        foreach (var batch in payments.Chunk(EpochTransfers.BatchMax))
        {
            Pay(core, accumulator, batch);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var left = core.FindBalance(PoolAccounts.OfAdapter(AdapterId))!.Posted;
        if (left != Amount.Supply - Amount.FromAtto(accumulator.CreditedSum) || payments.Count != ContributorCount)
        {
            throw new InvalidOperationException($"the pool holds {left} OPEN after {payments.Count} payments: credits were lost");
        }

        yield return new Figure("epoch of 1,000,000 answers, 10,000 contributors: settlement", seconds, "s", Goal.AtMost(SecondsMax));
        yield return new Figure(
            "epoch of 1,000,000 answers, 10,000 contributors: credits", numbers.Length / accumulated, "credits/s");
    }

    static (int[] Numbers, UInt128[] Amounts) Draw(int seed)
    {
        var random = new Random(seed);
        var numbers = new int[AnswerCount * CreditsPerAnswer];
        var amounts = new UInt128[numbers.Length];
        for (var index = 0; index < numbers.Length; index++)
        {
            numbers[index] = random.Next(ContributorCount);

            // Up to 0.01 OPEN, to the last atto.
            amounts[index] = (UInt128)random.NextInt64(1, 10_000_000_000_000_000);
        }

        return (numbers, amounts);
    }

    static void Open(LedgerCore core, string[] names)
    {
        var pool = PoolAccounts.OfAdapter(AdapterId);
        core.Commit(new LedgerRequest { Accounts = [.. SystemAccountOpenings.All, new OpenAccount(pool)] });
        foreach (var batch in names.Chunk(Book.BatchMax))
        {
            core.Commit(new LedgerRequest { Accounts = [.. batch.Select(name => new OpenAccount(name))] });
        }

        Require(core.Commit(new LedgerRequest
        {
            Transfers = [new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, pool, Amount.Supply)],
        }));
    }

    static void Pay(LedgerCore core, EpochAccumulator accumulator, EpochPayment[] batch)
    {
        var pool = PoolAccounts.OfAdapter(AdapterId);
        var transfers = new Transfer[batch.Length];
        for (var index = 0; index < batch.Length; index++)
        {
            var (number, atto) = (batch[index].Number, batch[index].Atto);
            var name = accumulator.NameOf(number);
            transfers[index] = new Transfer(EpochTransfers.PaymentId(AdapterId, 1, name), pool, name, Amount.FromAtto(atto));
            accumulator.Take(number, atto);
        }

        Require(core.Commit(new LedgerRequest { Transfers = transfers }));
    }

    static void Require(LedgerReply reply)
    {
        if (!reply.TransfersStand)
        {
            throw new InvalidOperationException("the book refused a transfer of the benchmark");
        }
    }
}
