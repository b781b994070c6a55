namespace OpenLedger.Training.Corpora;

/// <summary>
/// Takes a gloss apart: <c>(medicine) a first meaning; a second; "an example"; "another" - Its Author</c>. A gloss is free text with
/// the odd missing quote, hence every input has an answer and none is an error.
/// </summary>
static class WordNetGloss
{
    public static (string Definition, string[] Remarks, string[] Examples) Parse(string gloss)
    {
        var meanings = new List<string>();
        var examples = new List<string>();
        foreach (var part in Parts(gloss))
        {
            if (part.StartsWith('"'))
                examples.AddRange(Quotations(part));
            else if (examples.Count == 0)
                meanings.Add(part);
        }

        var definition = meanings.Count == 0 ? "" : WithoutLeadingNote(meanings[0]);
        return (definition, meanings.Skip(1).ToArray(), examples.ToArray());
    }

    static IEnumerable<string> Parts(string gloss)
    {
        var start = 0;
        var quoted = false;
        var depth = 0;
        for (var at = 0; at <= gloss.Length; at++)
        {
            if (at < gloss.Length)
            {
                quoted ^= gloss[at] == '"';
                depth += gloss[at] == '(' ? 1 : gloss[at] == ')' && depth > 0 ? -1 : 0;
                if (gloss[at] != ';' || quoted || depth > 0)
                    continue;
            }

            var part = gloss[start..at].Trim();
            start = at + 1;
            if (part.Length > 0)
                yield return part;
        }
    }

    static IEnumerable<string> Quotations(string part)
    {
        // What stands outside the quotes is an attribution.
        var pieces = part.Split('"');
        for (var index = 1; index < pieces.Length; index += 2)
        {
            var quotation = pieces[index].Trim().Trim(';', ' ');
            if (quotation.Length > 0)
                yield return quotation;
        }
    }

    static string WithoutLeadingNote(string meaning)
    {
        var close = meaning.StartsWith('(') ? meaning.IndexOf(')', StringComparison.Ordinal) : -1;
        return close < 0 || close == meaning.Length - 1 ? meaning : meaning[(close + 1)..].TrimStart(' ', ',', ':');
    }
}
