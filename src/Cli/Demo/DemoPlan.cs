using OpenLedger.Training.Corpora;

namespace OpenLedger.Cli.Demo;

/// <summary>A question about one fact, and who contributed that fact.</summary>
/// <param name="Owner">Index of the contributor's file.</param>
sealed record DemoQuestion(string Term, string Prompt, string Answer, int Owner);

/// <summary>Draws the questions before anything is trained.</summary>
static class DemoPlan
{
    const string QuestionPhrasing = "question";

    /// <summary>Questions without replacement, by seed, over facts that exactly one contributor holds.</summary>
    public static IReadOnlyList<DemoQuestion> Draw(DemoSamples samples, int count, long seed)
    {
        var candidates = new List<DemoQuestion>();
        var owners = new Dictionary<string, HashSet<int>>(StringComparer.OrdinalIgnoreCase);
        for (var owner = 0; owner < samples.Files.Count; owner++)
        {
            foreach (var row in samples.Files[owner].Rows)
            {
                if (!owners.TryGetValue(row.Term, out var holders))
                {
                    owners[row.Term] = holders = [];
                }

                holders.Add(owner);
                if (row.Phrasing == QuestionPhrasing)
                {
                    candidates.Add(new DemoQuestion(row.Term, row.Prompt, row.Answer, owner));
                }
            }
        }

        candidates.RemoveAll(candidate => owners[candidate.Term].Count != 1);
        if (candidates.Count < count)
        {
            throw new UserErrorException(
                $"The sample holds {candidates.Count} facts of exactly one contributor; {count} questions were asked for (--questions).");
        }

        StableRandom.For(unchecked((ulong)seed), "demo/questions").Shuffle(candidates);
        return candidates[..count];
    }
}
