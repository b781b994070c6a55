using System.Security.Cryptography;
using System.Text;

namespace OpenLedger.Datanets;

/// <summary>A row that a Datanet accepted.</summary>
/// <param name="Id"><c>row_</c> and 32 hex digits that follow from the normalised text alone.</param>
/// <param name="Contributor">Account address.</param>
/// <param name="FileName">The file it came in.</param>
/// <param name="Line">Line of the file on which it begins, counted from 1.</param>
/// <param name="Row">The text, as it was contributed.</param>
public sealed record DatanetRow(string Id, string Contributor, string FileName, int Line, Row Row);

/// <summary>Names rows by what they say: two rows that differ in case, width or white space alone have one id.</summary>
public static class RowIdentity
{
    /// <summary>What an id begins with.</summary>
    public const string Prefix = "row_";

    /// <summary>The id of a row; its metadata does not enter.</summary>
    public static string IdOf(Row row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var prompt = Encoding.UTF8.GetBytes(TextNormaliser.Normalise(row.Prompt));
        var answer = Encoding.UTF8.GetBytes(TextNormaliser.Normalise(row.Answer));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("openledger.row.v1\n"u8);
        hash.AppendData(prompt);
        // No text holds a NUL, so it parts the two for certain.
        hash.AppendData([0]);
        hash.AppendData(answer);
        return Prefix + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
