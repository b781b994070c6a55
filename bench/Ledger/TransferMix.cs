using OpenLedger.Ledger;

namespace OpenLedger.Bench.Ledger;

/// <summary>Batches of transfers between random accounts, from a seed: ids as clients make them, hashed, never in order.</summary>
sealed class TransferMix(int accountCount, bool isMixed, ulong seed)
{
    /// <summary>Number of the mint account; the others follow.</summary>
    public const int Mint = 1;

    readonly Random random = new((int)seed);
    ulong next = seed << 40;

    /// <summary>Opens the accounts of a book and gives each of them something to pay with.</summary>
    public static void Fund(Book book, int accountCount)
    {
        _ = book.OpenAccount("mint", AccountFlags.Mint);
        for (var i = 0; i < accountCount; i++)
        {
            _ = book.OpenAccount(NameOf(i), AccountFlags.DebitsMustNotExceedCredits);
        }
        var batch = new TransferEvent[Book.BatchMax];
        for (var done = 0; done < accountCount; done += batch.Length)
        {
            var count = Math.Min(batch.Length, accountCount - done);
            for (var i = 0; i < count; i++)
            {
                batch[i] = new TransferEvent(
                    new TransferId(((UInt128)7 << 64) + (UInt128)(done + i + 1)), Mint, Mint + 1 + done + i, Amount.Supply.Atto / 2_000_000,
                    default, 0, 1, TransferFlags.None);
            }
            Apply(book, batch.AsSpan(0, count));
        }
    }

    public static string NameOf(int account) => $"acct_{account:d8}";

    /// <summary>Applies a batch, every transfer of which must stand.</summary>
    public static void Apply(Book book, ReadOnlySpan<TransferEvent> batch)
    {
        Span<TransferStatus> results = new TransferStatus[batch.Length];
        book.Apply(batch, book.LastTimestampNs + 1, results);
        book.Seal();
        if (results.ContainsAnyExcept(TransferStatus.Ok))
        {
            throw new InvalidOperationException($"a transfer was refused: {results[results.IndexOfAnyExcept(TransferStatus.Ok)]}");
        }
    }

    /// <summary>
    /// Fills a batch. A mix is, of ten transfers, a hold with its post, a hold with its void, a hold that stays, and a chain of three; the
    /// others move at once.
    /// </summary>
    public void Fill(Span<TransferEvent> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i] = isMixed && batch.Length - i >= 10 ? Mixed(i % 10, batch, i) : Move(TransferFlags.None);
        }
    }

    TransferEvent Mixed(int step, ReadOnlySpan<TransferEvent> batch, int at) => step switch
    {
        0 or 2 => Move(TransferFlags.Pending),
        4 => Move(TransferFlags.Pending) with { TimeoutSeconds = 3_600 },
        1 => Resolve(batch[at - 1].Id, TransferFlags.PostPending, UInt128.MaxValue),
        3 => Resolve(batch[at - 1].Id, TransferFlags.VoidPending, UInt128.Zero),
        5 or 6 => Move(TransferFlags.Linked),
        _ => Move(TransferFlags.None),
    };

    TransferEvent Resolve(TransferId pending, TransferFlags kind, UInt128 amount) => new(NextId(), 0, 0, amount, pending, 0, 0, kind);

    TransferEvent Move(TransferFlags flags)
    {
        var debit = random.Next(accountCount);
        var credit = random.Next(accountCount - 1);
        credit += credit >= debit ? 1 : 0;
        return new TransferEvent(
            NextId(), Mint + 1 + debit, Mint + 1 + credit, (UInt128)(ulong)random.NextInt64(1, 1_000_000_000), default, 0, 7, flags);
    }

    // SplitMix64, twice: spread like a hash, and never the same twice.
    TransferId NextId() => new(new UInt128(Spread(next += 0x9E37_79B9_7F4A_7C15), Spread(~next)));

    static ulong Spread(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
