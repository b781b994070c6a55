namespace OpenLedger.Ledger;

/// <summary>One caller's part of a journal record, with accounts by number.</summary>
sealed record JournalEntry(OpenAccount[] Accounts, TransferEvent[] Transfers, ReceiptDraft[] Receipts);

/// <summary>
/// The payload of a journal record, in the canonical bytes of <see cref="CanonicalWriter"/>: version (1 byte), salt of the record's entry
/// in the log (16), count of entries (4); for each: accounts (count; name, flags), transfers (count; 64 bytes each), receipts
/// (count; salt, canonical draft as a block).
/// </summary>
static class BatchCodec
{
    /// <summary>Entries of one record.</summary>
    public const int EntriesMax = 4096;

    const byte Version = 1;

    public static void WriteHeader(CanonicalWriter writer, ReadOnlySpan<byte> salt, int entryCount)
    {
        writer.Byte(Version);
        writer.Raw(salt);
        writer.UInt32((uint)entryCount);
    }

    /// <summary>Writes one entry and gives the offset of each draft's bytes within the payload.</summary>
    public static void WriteEntry(CanonicalWriter writer, JournalEntry entry, Span<int> draftOffsets)
    {
        writer.UInt32((uint)entry.Accounts.Length);
        foreach (var account in entry.Accounts)
        {
            writer.Text(account.Name, Book.AccountNameLengthMax);
            writer.UInt16((ushort)account.Flags);
        }
        writer.UInt32((uint)entry.Transfers.Length);
        foreach (ref readonly var transfer in entry.Transfers.AsSpan())
        {
            writer.TransferId(transfer.Id);
            writer.UInt32((uint)transfer.Debit);
            writer.UInt32((uint)transfer.Credit);
            writer.UInt128(transfer.Amount);
            writer.TransferId(transfer.PendingId);
            writer.UInt32(transfer.TimeoutSeconds);
            writer.UInt16(transfer.Code);
            writer.UInt16((ushort)transfer.Flags);
        }
        writer.UInt32((uint)entry.Receipts.Length);
        for (var i = 0; i < entry.Receipts.Length; i++)
        {
            writer.Raw(entry.Receipts[i].Salt);
            draftOffsets[i] = writer.SizeBytes + sizeof(uint);
            writer.Block(entry.Receipts[i].Canonical);
        }
    }

    /// <summary>Reads the salt and the count of entries.</summary>
    public static byte[] ReadHeader(ref CanonicalReader reader, out int entryCount)
    {
        var version = reader.Byte("version");
        if (version != Version)
        {
            throw new CanonicalFormatException("version", $"is {version}, which this program does not know");
        }
        var salt = reader.Raw(LogLeaf.SaltSizeBytes, "salt").ToArray();
        entryCount = reader.Count(EntriesMax, "entries");
        return salt;
    }

    public static JournalEntry ReadEntry(ref CanonicalReader reader, out int[] draftOffsets)
    {
        var accounts = new OpenAccount[reader.Count(Book.BatchMax, "accounts")];
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i] = new OpenAccount(
                reader.Text(Book.AccountNameLengthMax, "account name"), (AccountFlags)reader.UInt16("account flags"));
        }
        var transfers = new TransferEvent[reader.Count(Book.BatchMax, "transfers")];
        for (var i = 0; i < transfers.Length; i++)
        {
            transfers[i] = new TransferEvent(
                reader.TransferId("transfer id"),
                (int)reader.UInt32("debit account"),
                (int)reader.UInt32("credit account"),
                reader.UInt128("amount"),
                reader.TransferId("pending id"),
                reader.UInt32("timeout"),
                reader.UInt16("code"),
                (TransferFlags)reader.UInt16("flags"));
        }
        var receipts = new ReceiptDraft[reader.Count(LedgerRequest.ReceiptsMax, "receipts")];
        draftOffsets = new int[receipts.Length];
        for (var i = 0; i < receipts.Length; i++)
        {
            var salt = reader.Raw(LogLeaf.SaltSizeBytes, "receipt salt").ToArray();
            draftOffsets[i] = reader.Position + sizeof(uint);
            receipts[i] = new ReceiptDraft(reader.Block(Receipt.SizeBytesMax, "receipt").ToArray(), salt);
        }
        return new JournalEntry(accounts, transfers, receipts);
    }
}
