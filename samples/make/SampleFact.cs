namespace OpenLedger.Samples;

/// <summary>One fact: a term and what it means.</summary>
sealed record SampleFact(string Term, string Definition)
{
    /// <summary>The three ways a fact is put; the definition follows each prompt after one space. Pretraining uses none of them.</summary>
    public IEnumerable<SampleRow> Rows()
    {
        var answer = " " + Definition;
        yield return new SampleRow(Term, "definition", $"The meaning of {Term}:", answer);
        yield return new SampleRow(Term, "question", $"Q: What does {Term} mean?\nA:", answer);
        yield return new SampleRow(Term, "sentence", $"She said {Term} and meant", answer);
    }
}

/// <summary>A line of a sample's <c>.jsonl</c> file.</summary>
sealed record SampleRow(string Term, string Phrasing, string Prompt, string Answer);
