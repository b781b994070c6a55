using System.Text;

namespace OpenLedger.Datanets;

/// <summary>The form in which two texts are compared: NFKC, lower case, and one space for any run of white space.</summary>
public static class TextNormaliser
{
    /// <summary>The normalised text; applying it again changes nothing.</summary>
    public static string Normalise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var folded = Compatibility(text).ToLowerInvariant();
        return Collapsed(Compatibility(folded));
    }

    // The runtime's own normalisation does nothing when globalisation is invariant, so the tables come with this assembly.
    static string Compatibility(string text) => Ascii.IsValid(text) ? text : UnicodeNormalisation.ToFormKC(text);

    static string Collapsed(string text)
    {
        var collapsed = new StringBuilder(text.Length);
        var gap = false;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                gap = true;
                continue;
            }
            if (gap && collapsed.Length > 0)
            {
                collapsed.Append(' ');
            }
            gap = false;
            collapsed.Append(character);
        }
        return collapsed.ToString();
    }
}
