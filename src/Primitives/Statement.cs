using System.Globalization;
using System.Text;

namespace OpenLedger;

/// <summary>A receipt of a statement, with the proof that it is in the log.</summary>
/// <param name="Index">Index of its entry.</param>
/// <param name="Salt">16 bytes.</param>
/// <param name="Canonical">The receipt's canonical bytes, with its sequence.</param>
/// <param name="Proof">Inclusion proof in the tree of the statement's checkpoint.</param>
public sealed record StatementReceipt(ulong Index, byte[] Salt, byte[] Canonical, IReadOnlyList<ContentHash> Proof);

/// <summary>
/// What an account was credited in a time, as a file that proves itself: every receipt whose split pays it, each with an inclusion proof,
/// and one signed checkpoint for all. It shows that each credit is in the log and that the total is theirs; that none was left out only
/// the log's own entries, read by whoever holds their receipts, could show.
/// </summary>
/// <param name="FromMs">First millisecond since 1970-01-01 UTC.</param>
/// <param name="ToMs">The first one after it.</param>
public sealed record Statement(
    string Account, long FromMs, long ToMs, IReadOnlyList<StatementReceipt> Receipts, string CheckpointNote)
{
    /// <summary>Ending of the file's name.</summary>
    public const string Extension = ".statement";

    /// <summary>Receipts of one statement.</summary>
    public const int ReceiptsMax = 10_000;

    /// <summary>Bytes of a file.</summary>
    public const int SizeBytesMax = 256 << 20;

    const string Header = "openledger statement 1";

    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What a receipt pays an account.</summary>
    public static Amount CreditOf(Receipt receipt, string account)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return Amount.Sum(receipt.Split.Where(line => line.Account == account).Select(line => line.Amount));
    }

    /// <summary>
    /// Lines: the header, <c>account</c>, <c>from</c>, <c>to</c> (milliseconds), <c>receipts</c> (how many), <c>total</c>; then a block for
    /// each receipt, behind an empty line: <c>index</c>, <c>extra</c> (base64 of salt ‖ canonical bytes), the hashes of its proof, as in
    /// a <c>tlog-proof</c>; then an empty line and the signed checkpoint.
    /// </summary>
    public byte[] ToBytes()
    {
        var total = Amount.Sum(Receipts.Select(receipt => CreditOf(Receipt.FromBytes(receipt.Canonical), Account)));
        var text = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{Header}\naccount {Account}\nfrom {FromMs}\nto {ToMs}\nreceipts {Receipts.Count}\ntotal {total}\n\n");
        foreach (var receipt in Receipts)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"index {receipt.Index}\nextra ")
                .Append(Convert.ToBase64String([.. receipt.Salt, .. receipt.Canonical])).Append('\n');
            foreach (var hash in receipt.Proof)
            {
                _ = text.Append(StrictBase64.EncodeHash(hash)).Append('\n');
            }
            _ = text.Append('\n');
        }
        return strictUtf8.GetBytes(text.Append(CheckpointNote).ToString());
    }

    /// <summary>Parses the one form that a statement has, and gives the total that it states.</summary>
    /// <exception cref="ProofFormatException">Says what is wrong.</exception>
    public static (Statement Statement, string Total) Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length > SizeBytesMax)
        {
            throw new ProofFormatException($"a statement has at most {SizeBytesMax} bytes");
        }
        string text;
        try
        {
            text = strictUtf8.GetString(file);
        }
        catch (DecoderFallbackException)
        {
            throw new ProofFormatException("the file is not UTF-8 text");
        }
        var blocks = text.Split("\n\n");
        var head = blocks[0].Split('\n');
        if (head.Length != 6 || head[0] != Header)
        {
            throw new ProofFormatException($"the file is not a statement: its first line should be '{Header}'");
        }
        var account = Field(head, 1, "account");
        if (!CanonicalDecimal.TryParse(Field(head, 2, "from"), out var from) || !CanonicalDecimal.TryParse(Field(head, 3, "to"), out var to)
            || !CanonicalDecimal.TryParse(Field(head, 4, "receipts"), out var count) || from > to || to > long.MaxValue
            || count > ReceiptsMax)
        {
            throw new ProofFormatException("lines 3 to 5 are not plain numbers of a time and a count");
        }
        // The checkpoint is two blocks: its text and its signatures.
        if (blocks.Length != (int)count + 3)
        {
            throw new ProofFormatException($"expected {count} receipts and a checkpoint");
        }
        var receipts = new StatementReceipt[count];
        for (var i = 0; i < receipts.Length; i++)
        {
            receipts[i] = ParseReceipt(blocks[i + 1]);
        }
        return (new Statement(account, (long)from, (long)to, receipts, $"{blocks[^2]}\n\n{blocks[^1]}"), Field(head, 5, "total"));
    }

    static StatementReceipt ParseReceipt(string block)
    {
        var lines = block.Split('\n');
        if (lines.Length < 2 || !CanonicalDecimal.TryParse(Field(lines, 0, "index"), out var index)
            || !StrictBase64.TryDecode(Field(lines, 1, "extra"), out var extra) || extra.Length <= LogLeaf.SaltSizeBytes)
        {
            throw new ProofFormatException("a receipt begins with an index and its salt and bytes in canonical base64");
        }
        if (lines.Length - 2 > Merkle.ProofLengthMax)
        {
            throw new ProofFormatException($"an inclusion proof has at most {Merkle.ProofLengthMax} hashes");
        }
        var proof = new ContentHash[lines.Length - 2];
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] = StrictBase64.TryDecodeHash(lines[i + 2], out var hash)
                ? hash
                : throw new ProofFormatException($"entry {index}: expected canonical base64 of a 32-byte hash");
        }
        return new StatementReceipt(index, extra[..LogLeaf.SaltSizeBytes], extra[LogLeaf.SaltSizeBytes..], proof);
    }

    static string Field(string[] lines, int at, string name) => lines[at].StartsWith(name + " ", StringComparison.Ordinal)
        ? lines[at][(name.Length + 1)..]
        : throw new ProofFormatException($"expected the word {name} in place of '{(lines[at].Length > 40 ? lines[at][..40] : lines[at])}'");
}

/// <summary>One credit of a valid statement.</summary>
public sealed record StatementCredit(ulong Index, Receipt Receipt, Amount Amount);

/// <summary>What a statement proves, or why it does not.</summary>
/// <param name="Problem">One sentence; null when all of it holds.</param>
public sealed record StatementVerification(
    string? Problem, Statement? Statement, Checkpoint? Checkpoint, IReadOnlyList<StatementCredit> Credits, Amount Total)
{
    public bool IsValid => Problem is null;

    /// <summary>Known witnesses that cosigned the checkpoint.</summary>
    public IReadOnlyList<Cosignature> Cosignatures { get; init; } = [];
}

/// <summary>Verifies a statement offline: it needs nothing but the file and the log's public key.</summary>
public static class StatementVerifier
{
    /// <param name="witnesses">Whose cosignatures are asked for; null knows no witness.</param>
    public static StatementVerification Verify(ReadOnlySpan<byte> file, NoteVerifier logKey, WitnessPolicy? witnesses = null)
    {
        try
        {
            return VerifyStrictly(file, logKey, witnesses ?? WitnessPolicy.None);
        }
        catch (UserErrorException exception) when (exception is ProofFormatException or CanonicalFormatException)
        {
            return Invalid(exception.Message);
        }
    }

    static StatementVerification VerifyStrictly(ReadOnlySpan<byte> file, NoteVerifier logKey, WitnessPolicy witnesses)
    {
        var (statement, stated) = Statement.Parse(file);
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(statement.CheckpointNote));
        var checkpoint = Checkpoint.Parse(note.Text);
        var (cosignatures, problem) = witnesses.Check(note);
        problem = CheckpointSignature.Problem(note, checkpoint, logKey, "the statement") ?? problem;
        if (problem is not null)
        {
            return Invalid(problem);
        }
        var credits = new List<StatementCredit>(statement.Receipts.Count);
        foreach (var each in statement.Receipts)
        {
            var leaf = LogLeaf.Of(LogEntryKind.Receipt, each.Index, each.Salt, each.Canonical);
            if (!Merkle.VerifyInclusion(each.Index, checkpoint.TreeSize, leaf.Hash(), each.Proof, checkpoint.Root))
            {
                return Invalid($"a receipt is not entry {each.Index} of the log: it or its proof is not what the log's root vouches for");
            }
            var receipt = Receipt.FromBytes(each.Canonical);
            var amount = Statement.CreditOf(receipt, statement.Account);
            if (receipt.Sequence != each.Index || (credits.Count > 0 && credits[^1].Index >= each.Index))
            {
                return Invalid($"entry {each.Index} is not where it says, or stands twice");
            }
            if (amount == Amount.Zero || receipt.TimeMs < statement.FromMs || receipt.TimeMs >= statement.ToMs)
            {
                return Invalid($"receipt {receipt.Id} pays '{statement.Account}' nothing, or not in the time of the statement");
            }
            credits.Add(new StatementCredit(each.Index, receipt, amount));
        }
        var total = Amount.Sum(credits.Select(credit => credit.Amount));
        return total.ToString() == stated
            ? new StatementVerification(null, statement, checkpoint, credits, total) { Cosignatures = cosignatures }
            : Invalid($"the statement says {stated} OPEN, its receipts pay {total}");
    }

    static StatementVerification Invalid(string problem) => new(problem, null, null, [], Amount.Zero);
}
