namespace OpenLedger.Ledger;

/// <summary>
/// The payload of a journal record, in the canonical bytes of <see cref="CanonicalWriter"/>: version (1 byte), salt of the record's entry
/// in the log (16), size and root of the log before the record (8, 32), count of entries (4); for each: accounts (count; name, flags),
/// transfers (count; see <see cref="TransferCodec"/>), receipts (count; salt, canonical draft as a block).
/// </summary>
static class BatchCodec
{
    /// <summary>Entries of one record.</summary>
    public const int EntriesMax = 4096;

    const byte Version = 2;

    public static void WriteHeader(CanonicalWriter writer, in BatchHeader header)
    {
        writer.Byte(Version);
        writer.Raw(header.Salt);
        writer.UInt64(header.TreeSize);
        writer.Hash(header.Root);
        writer.UInt32((uint)header.EntryCount);
    }

    /// <exception cref="CanonicalFormatException">Names the field.</exception>
    public static BatchHeader ReadHeader(ref CanonicalReader reader)
    {
        var version = reader.Byte("version");
        return version == Version
            ? new BatchHeader(
                reader.Raw(LogLeaf.SaltSizeBytes, "salt").ToArray(), reader.UInt64("log size"), reader.Hash("log root"),
                reader.Count(EntriesMax, "entries"))
            : throw new CanonicalFormatException("version", $"is {version}, which this program does not know");
    }

    public static void WriteAccounts(CanonicalWriter writer, IReadOnlyList<OpenAccount> accounts)
    {
        writer.UInt32((uint)accounts.Count);
        foreach (var account in accounts)
        {
            writer.Text(account.Name, Book.AccountNameLengthMax);
            writer.UInt16((ushort)account.Flags);
        }
    }

    public static OpenAccount[] ReadAccounts(ref CanonicalReader reader)
    {
        var accounts = new OpenAccount[reader.Count(Book.BatchMax, "accounts")];
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i] = new OpenAccount(
                reader.Text(Book.AccountNameLengthMax, "account name"), (AccountFlags)reader.UInt16("account flags"));
        }
        return accounts;
    }

    public static void WriteTransfers(CanonicalWriter writer, ReadOnlySpan<TransferEvent> transfers)
    {
        writer.UInt32((uint)transfers.Length);
        foreach (ref readonly var transfer in transfers)
        {
            TransferCodec.Write(writer, transfer);
        }
    }

    /// <param name="transfers">Takes what is read.</param>
    /// <returns>How many.</returns>
    public static int ReadTransfers(ref CanonicalReader reader, Span<TransferEvent> transfers)
    {
        var count = reader.Count(Book.BatchMax, "transfers");
        for (var i = 0; i < count; i++)
        {
            transfers[i] = TransferCodec.Read(ref reader);
        }
        return count;
    }

    /// <summary>Writes receipts and gives the offset of each draft's bytes within the payload.</summary>
    public static void WriteReceipts(CanonicalWriter writer, IReadOnlyList<ReceiptDraft> receipts, Span<int> offsets)
    {
        writer.UInt32((uint)receipts.Count);
        for (var i = 0; i < receipts.Count; i++)
        {
            writer.Raw(receipts[i].Salt);
            offsets[i] = writer.SizeBytes + sizeof(uint);
            writer.Block(receipts[i].Canonical);
        }
    }

    public static ReceiptDraft[] ReadReceipts(ref CanonicalReader reader, out int[] offsets)
    {
        var receipts = new ReceiptDraft[reader.Count(LedgerRequest.ReceiptsMax, "receipts")];
        offsets = new int[receipts.Length];
        for (var i = 0; i < receipts.Length; i++)
        {
            var salt = reader.Raw(LogLeaf.SaltSizeBytes, "receipt salt").ToArray();
            offsets[i] = reader.Position + sizeof(uint);
            receipts[i] = new ReceiptDraft(reader.Block(Receipt.SizeBytesMax, "receipt").ToArray(), salt);
        }
        return receipts;
    }
}

/// <summary>What a payload begins with.</summary>
/// <param name="Salt">Of the record's entry in the log.</param>
/// <param name="TreeSize">Entries of the log before the record.</param>
/// <param name="Root">Root of the log before the record: a replay that comes to another one stops there.</param>
readonly record struct BatchHeader(byte[] Salt, ulong TreeSize, ContentHash Root, int EntryCount);
