using System.Buffers.Binary;

namespace OpenLedger;

/// <summary>What one contribution earned by one answer.</summary>
/// <param name="DatanetId">The Datanet that holds the row.</param>
/// <param name="RowReference">The row or attribution unit within the Datanet.</param>
/// <param name="Contributor">The account that is credited.</param>
/// <param name="InfluenceNano">Influence score in 10⁻⁹.</param>
/// <param name="SpanNano">Span score in 10⁻⁹.</param>
/// <param name="CombinedNano">Combined credit in 10⁻⁹.</param>
/// <param name="Share">What it was paid.</param>
public sealed record ReceiptCredit(
    string DatanetId, string RowReference, string Contributor, long InfluenceNano, long SpanNano, long CombinedNano, Amount Share);

/// <summary>One line of the fee split.</summary>
/// <param name="Account">Who is paid.</param>
/// <param name="Role">As what: <c>platform</c>, <c>owner</c>, <c>stakers</c>, <c>reserve</c> or <c>contributor</c>.</param>
public sealed record ReceiptSplit(string Account, string Role, Amount Amount);

/// <summary>
/// What a settled inference was, what it cost and who was paid; no prompt and no response text. The canonical bytes are those of
/// <see cref="CanonicalWriter"/>, fields in the order of <see cref="ToBytes"/>, after the 8 bytes <c>OLRCPT01</c>.
/// Equality is that of references for the lists; compare <see cref="ToBytes"/> to compare receipts.
/// </summary>
public sealed record Receipt
{
    /// <summary>Credited contributions of one receipt.</summary>
    public const int CreditsMax = 1024;

    /// <summary>Lines of the fee split.</summary>
    public const int SplitMax = 2048;

    /// <summary>Ledger transfers of one receipt.</summary>
    public const int TransfersMax = 4096;

    /// <summary>UTF-8 bytes of an id, an account, a role, a method or a version.</summary>
    public const int TextSizeBytesMax = 128;

    /// <summary>Bytes of a receipt.</summary>
    public const int SizeBytesMax = 1 << 20;

    // Where the sequence stands in the canonical bytes, right after the magic.
    const int SequenceOffset = 8;

    static ReadOnlySpan<byte> Magic => "OLRCPT01"u8;

    /// <summary>Position of the entry in the log. Zero in a draft: the ledger sets it as it appends.</summary>
    public ulong Sequence { get; init; }

    /// <summary><c>rc_…</c></summary>
    public required string Id { get; init; }

    /// <summary>When it was settled, milliseconds since 1970-01-01 UTC.</summary>
    public required long TimeMs { get; init; }

    /// <summary>Account that paid.</summary>
    public required string Payer { get; init; }

    /// <summary>Salted: <see cref="ContentHash.OfSalted"/>, as a short prompt could be guessed.</summary>
    public required ContentHash RequestHash { get; init; }

    /// <inheritdoc cref="RequestHash"/>
    public required ContentHash ResponseHash { get; init; }

    public required string ModelId { get; init; }

    public required ContentHash ModelHash { get; init; }

    /// <summary>Empty, with a zero hash, where the base model answered alone.</summary>
    public string AdapterId { get; init; } = "";

    public ContentHash AdapterHash { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public required int CompletionTokens { get; init; }

    /// <summary>The whole fee.</summary>
    public required Amount Price { get; init; }

    public string AttributionMethod { get; init; } = "";

    public string AttributionVersion { get; init; } = "";

    /// <summary>What the adapter did not earn against the base; comes out of the contributors' part.</summary>
    public Amount BaseReserve { get; init; }

    public IReadOnlyList<ReceiptCredit> Credits { get; init; } = [];

    /// <summary>Sums to <see cref="Price"/>.</summary>
    public IReadOnlyList<ReceiptSplit> Split { get; init; } = [];

    /// <summary>The ledger's transfers that moved the money.</summary>
    public IReadOnlyList<TransferId> Transfers { get; init; } = [];

    /// <summary>A score as a fixed-point integer in 10⁻⁹, rounded half to even.</summary>
    /// <exception cref="OverflowException">Not a number, or beyond ±9.2·10⁹.</exception>
    public static long ToNano(double score) => checked((long)Math.Round(score * 1e9, MidpointRounding.ToEven));

    /// <summary>Sets the sequence within canonical bytes: what the ledger does as it appends a draft.</summary>
    public static void StampSequence(Span<byte> canonical, ulong sequence) =>
        BinaryPrimitives.WriteUInt64BigEndian(canonical[SequenceOffset..], sequence);

    /// <summary>The id within canonical bytes, without reading the rest.</summary>
    /// <exception cref="CanonicalFormatException">The bytes do not begin as a receipt's.</exception>
    public static string IdOf(ReadOnlySpan<byte> canonical)
    {
        var reader = new CanonicalReader(canonical);
        _ = reader.Raw(Magic.Length, "magic");
        _ = reader.UInt64("sequence");
        return reader.Text(TextSizeBytesMax, "id");
    }

    /// <summary>The canonical bytes.</summary>
    /// <exception cref="ArgumentException">A count, a text or the split breaks a rule of the format.</exception>
    public byte[] ToBytes()
    {
        var problem = Problem();
        if (problem is not null)
        {
            throw new ArgumentException(problem);
        }
        var writer = new CanonicalWriter(512 + (200 * Credits.Count) + (128 * Split.Count) + (16 * Transfers.Count));
        writer.Raw(Magic);
        writer.UInt64(Sequence);
        writer.Text(Id, TextSizeBytesMax);
        writer.Int64(TimeMs);
        writer.Text(Payer, TextSizeBytesMax);
        writer.Hash(RequestHash);
        writer.Hash(ResponseHash);
        writer.Text(ModelId, TextSizeBytesMax);
        writer.Hash(ModelHash);
        writer.Text(AdapterId, TextSizeBytesMax);
        writer.Hash(AdapterHash);
        writer.UInt32((uint)PromptTokens);
        writer.UInt32((uint)CompletionTokens);
        writer.Amount(Price);
        writer.Text(AttributionMethod, TextSizeBytesMax);
        writer.Text(AttributionVersion, TextSizeBytesMax);
        writer.Amount(BaseReserve);
        WriteLists(writer);
        return writer.SizeBytes <= SizeBytesMax
            ? writer.ToArray()
            : throw new ArgumentException($"the receipt has {writer.SizeBytes} bytes where at most {SizeBytesMax} are allowed");
    }

    void WriteLists(CanonicalWriter writer)
    {
        writer.UInt32((uint)Credits.Count);
        foreach (var credit in Credits)
        {
            writer.Text(credit.DatanetId, TextSizeBytesMax);
            writer.Text(credit.RowReference, TextSizeBytesMax);
            writer.Text(credit.Contributor, TextSizeBytesMax);
            writer.Int64(credit.InfluenceNano);
            writer.Int64(credit.SpanNano);
            writer.Int64(credit.CombinedNano);
            writer.Amount(credit.Share);
        }
        writer.UInt32((uint)Split.Count);
        foreach (var line in Split)
        {
            writer.Text(line.Account, TextSizeBytesMax);
            writer.Text(line.Role, TextSizeBytesMax);
            writer.Amount(line.Amount);
        }
        writer.UInt32((uint)Transfers.Count);
        foreach (var transfer in Transfers)
        {
            writer.TransferId(transfer);
        }
    }

    /// <summary>Reads canonical bytes; anything that <see cref="ToBytes"/> would not write is refused.</summary>
    /// <exception cref="CanonicalFormatException">Names the field.</exception>
    public static Receipt FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CanonicalReader(bytes);
        if (bytes.Length > SizeBytesMax || !reader.Raw(Magic.Length, "magic").SequenceEqual(Magic))
        {
            throw new CanonicalFormatException("magic", "is not that of a receipt of version 1");
        }
        var receipt = new Receipt
        {
            Sequence = reader.UInt64("sequence"),
            Id = reader.Text(TextSizeBytesMax, "id"),
            TimeMs = reader.Int64("time"),
            Payer = reader.Text(TextSizeBytesMax, "payer"),
            RequestHash = reader.Hash("request hash"),
            ResponseHash = reader.Hash("response hash"),
            ModelId = reader.Text(TextSizeBytesMax, "model id"),
            ModelHash = reader.Hash("model hash"),
            AdapterId = reader.Text(TextSizeBytesMax, "adapter id"),
            AdapterHash = reader.Hash("adapter hash"),
            PromptTokens = reader.Count(int.MaxValue, "prompt tokens"),
            CompletionTokens = reader.Count(int.MaxValue, "completion tokens"),
            Price = reader.Amount("price"),
            AttributionMethod = reader.Text(TextSizeBytesMax, "attribution method"),
            AttributionVersion = reader.Text(TextSizeBytesMax, "attribution version"),
            BaseReserve = reader.Amount("base reserve"),
            Credits = ReadCredits(ref reader),
            Split = ReadSplit(ref reader),
            Transfers = ReadTransfers(ref reader),
        };
        reader.End();
        var problem = receipt.Problem();
        return problem is null ? receipt : throw new CanonicalFormatException("receipt", $"breaks a rule: {problem}");
    }

    static ReceiptCredit[] ReadCredits(ref CanonicalReader reader)
    {
        var credits = new ReceiptCredit[reader.Count(CreditsMax, "credits")];
        for (var i = 0; i < credits.Length; i++)
        {
            credits[i] = new ReceiptCredit(
                reader.Text(TextSizeBytesMax, "datanet id"),
                reader.Text(TextSizeBytesMax, "row reference"),
                reader.Text(TextSizeBytesMax, "contributor"),
                reader.Int64("influence"),
                reader.Int64("span"),
                reader.Int64("combined"),
                reader.Amount("share"));
        }
        return credits;
    }

    static ReceiptSplit[] ReadSplit(ref CanonicalReader reader)
    {
        var split = new ReceiptSplit[reader.Count(SplitMax, "split")];
        for (var i = 0; i < split.Length; i++)
        {
            split[i] = new ReceiptSplit(
                reader.Text(TextSizeBytesMax, "split account"), reader.Text(TextSizeBytesMax, "split role"), reader.Amount("split amount"));
        }
        return split;
    }

    static TransferId[] ReadTransfers(ref CanonicalReader reader)
    {
        var transfers = new TransferId[reader.Count(TransfersMax, "transfers")];
        for (var i = 0; i < transfers.Length; i++)
        {
            transfers[i] = reader.TransferId("transfer id");
        }
        return transfers;
    }

    // The rules that hold on both paths: before bytes are written and after they are read.
    string? Problem()
    {
        if (Id.Length == 0)
        {
            return "a receipt has an id";
        }
        if (PromptTokens < 0 || CompletionTokens < 0)
        {
            return "token counts are not negative";
        }
        if (Credits.Count > CreditsMax || Split.Count > SplitMax || Transfers.Count > TransfersMax)
        {
            return $"at most {CreditsMax} credits, {SplitMax} split lines and {TransfersMax} transfers";
        }
        var rest = Price;
        foreach (var line in Split)
        {
            if (line.Amount > rest)
            {
                return "the split sums to more than the price";
            }
            rest -= line.Amount;
        }
        return rest.IsZero || Split.Count == 0 ? null : "the split sums to less than the price";
    }
}
