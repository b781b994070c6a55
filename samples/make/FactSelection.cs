using System.Text.RegularExpressions;
using OpenLedger.Inference;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Samples;

/// <summary>
/// Chooses the facts of a domain: terms that people know and meanings that differ. Candidates are ranked by how common the term and the
/// meaning are, then taken greedily as long as neither term nor definition comes too close to one taken before.
/// </summary>
sealed partial class FactSelection(WordNetLexicon lexicon, SenseIndex senses, Tokenizer tokenizer)
{
    /// <summary>Of a definition with its leading space, as the samples promise.</summary>
    const int TokenCountMax = 14;

    /// <summary>A prompt costs training time as an answer does.</summary>
    const int PromptTokenCountMax = 16;

    const int DefinitionLengthMax = 60;

    /// <summary>A rarer meaning of a word than its fifth would surprise readers.</summary>
    const int SenseRankMax = 4;

    /// <summary>Facts that may begin with the same three words.</summary>
    const int SameBeginningMax = 4;

    /// <summary>Share of content words that two definitions may have in common (Jaccard).</summary>
    const double SharedContentMax = 0.5;

    sealed record Candidate(SampleFact Fact, double Rank, HashSet<string> Content);

    /// <summary>The best facts of a domain, best first.</summary>
    /// <exception cref="UserErrorException">The domain holds fewer than asked for.</exception>
    public IReadOnlyList<SampleFact> Choose(WordNetDomain domain, int count)
    {
        var candidates = domain.Synsets(lexicon)
            .Select(key => lexicon.Find(key)!)
            .Select(Best)
            .OfType<Candidate>()
            .OrderByDescending(candidate => candidate.Rank)
            .ThenBy(candidate => candidate.Fact.Term, StringComparer.Ordinal)
            .ThenBy(candidate => candidate.Fact.Definition, StringComparer.Ordinal)
            .ToArray();
        var taken = new List<Candidate>();
        foreach (var candidate in candidates)
        {
            var isNew = !taken.Any(other => AreClose(candidate, other));
            if (taken.Count < count && isNew && taken.Count(other => BeginAlike(candidate, other)) < SameBeginningMax)
                taken.Add(candidate);
        }

        Console.Error.WriteLine($"{domain.Name}: {candidates.Length} candidates, {taken.Count} taken of {count}.");
        return taken.Count == count
            ? taken.Select(candidate => candidate.Fact).ToArray()
            : throw new UserErrorException($"{domain.Name} holds {taken.Count} facts where {count} are asked for; use WordNet 3.0.");
    }

    Candidate? Best(WordNetSynset synset)
    {
        var definition = Remark().Replace(synset.Definition, "");
        var content = Content(definition);
        if (!IsPlain(definition) || content.Count < 2 || tokenizer.Encode(" " + definition).Length > TokenCountMax)
            return null;
        return synset.Words
            .Where(term => IsPlainTerm(term) && !IsSaidIn(term, definition))
            .Select(term => new SampleFact(term, definition))
            .Where(fact => senses.SenseRank(fact.Term, synset.Key) <= SenseRankMax)
            .Where(fact => fact.Rows().All(row => tokenizer.Encode(row.Prompt).Length <= PromptTokenCountMax))
            .Select(fact => new Candidate(fact, Rank(fact, synset.Key), content))
            .OrderByDescending(candidate => candidate.Rank)
            .FirstOrDefault();
    }

    double Rank(SampleFact fact, WordNetKey key) =>
        Math.Log2(1 + senses.UseCount(fact.Term)) - (2 * senses.SenseRank(fact.Term, key)) - (fact.Definition.Length / 20.0);

    static bool IsPlain(string definition) =>
        definition.Length <= DefinitionLengthMax
        && PlainDefinition().IsMatch(definition)
        && !FragmentOfDefinition().IsMatch(definition)
        && !Unwanted().IsMatch(definition);

    static bool IsPlainTerm(string term) =>
        term.Length <= 18 && PlainTerm().IsMatch(term) && !(term.EndsWith('s') && !UnpluralEnding().IsMatch(term));

    static bool IsSaidIn(string term, string definition) =>
        term.Split(' ')
            .Where(word => word.Length > 3)
            .Any(word => definition.Contains(word[..Math.Max(4, word.Length - 3)], StringComparison.Ordinal));

    static HashSet<string> Content(string definition) => ContentWord().Matches(definition).Select(match => match.Value).ToHashSet();

    static bool AreClose(Candidate left, Candidate right)
    {
        var (one, other) = (left.Fact.Term, right.Fact.Term);
        if (one.Contains(other, StringComparison.Ordinal) || other.Contains(one, StringComparison.Ordinal))
            return true;
        if (one.Split(' ').Intersect(other.Split(' ')).Any())
            return true;
        if (one.Length > 5 && other.Length > 5 && one[..^2] == other[..Math.Min(other.Length, one.Length - 2)])
            return true;
        var shared = left.Content.Count(right.Content.Contains);
        return shared > SharedContentMax * (left.Content.Count + right.Content.Count - shared);
    }

    static bool BeginAlike(Candidate left, Candidate right) =>
        left.Fact.Definition.Split(' ').Take(3).SequenceEqual(right.Fact.Definition.Split(' ').Take(3));

    [GeneratedRegex("^[A-Za-z][a-z'-]*( [A-Za-z][A-Za-z'-]*,?){2,8}$")]
    private static partial Regex PlainDefinition();

    [GeneratedRegex(
        "^(made|eaten|distilled|caught|meat is|related|flavored|short|fresh|dry|charged|caused|causing|involving|used|similar|"
        + "characterized|having|resulting|important|resembling|usually|often|especially|of|in|with|see|not|being) ")]
    private static partial Regex FragmentOfDefinition();

    [GeneratedRegex(
        "genus|slang|copulat|venereal|testes|testis|uterus|urinat|defecat|breast|mammary|offensive|sexual|informal|penis|vagina|"
        + "rumor|\\bdrugs?\\b|terms? for|,$|\\b(a|an|the|of|or|and)$")]
    private static partial Regex Unwanted();

    [GeneratedRegex("^[a-z]{3,16}( [a-z]{3,12})?$")]
    private static partial Regex PlainTerm();

    [GeneratedRegex("(ss|us|is|as|os)$")]
    private static partial Regex UnpluralEnding();

    [GeneratedRegex(" \\([^()]*\\)")]
    private static partial Regex Remark();

    [GeneratedRegex("[A-Za-z-]{4,}")]
    private static partial Regex ContentWord();
}
