namespace OpenLedger.Training;

/// <summary>
/// Sequences laid end to end in one block of tokens, without padding: every linear layer is then one matrix product, and attention
/// keeps to the sequence. A sequence's last token is never an input, since nothing is predicted from it.
/// </summary>
sealed class TokenBatch
{
    readonly List<int> _tokens = [];
    readonly List<int> _positions = [];
    readonly List<SequenceSpan> _sequences = [];
    readonly List<CountedToken> _counted = [];

    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Each token's place in its own sequence, from 0.</summary>
    public IReadOnlyList<int> Positions => _positions;

    public IReadOnlyList<SequenceSpan> Sequences => _sequences;

    /// <summary>The predictions that count towards the loss, in order of their place.</summary>
    public IReadOnlyList<CountedToken> Counted => _counted;

    public int TokenCount => _tokens.Count;

    public double WeightTotal { get; private set; }

    public void Clear()
    {
        _tokens.Clear();
        _positions.Clear();
        _sequences.Clear();
        _counted.Clear();
        WeightTotal = 0;
    }

    /// <summary>Adds one sequence; tokens from <paramref name="answerStart"/> on count with <paramref name="weight"/>.</summary>
    public void Add(ReadOnlySpan<int> tokens, int answerStart, float weight)
    {
        var start = _tokens.Count;
        var inputs = tokens.Length - 1;
        if (inputs <= 0)
        {
            return;
        }

        var countedStart = _counted.Count;
        for (var position = 0; position < inputs; position++)
        {
            _tokens.Add(tokens[position]);
            _positions.Add(position);
            if (position + 1 >= answerStart && weight != 0)
            {
                _counted.Add(new CountedToken(start + position, tokens[position + 1], weight));
                WeightTotal += weight;
            }
        }

        _sequences.Add(new SequenceSpan(start, inputs, countedStart, _counted.Count - countedStart));
    }
}

/// <summary>One sequence's inputs, and its counted predictions, as ranges of the batch.</summary>
readonly record struct SequenceSpan(int Start, int Length, int CountedStart, int CountedCount);

/// <summary>The prediction of <paramref name="Target"/> from the input at <paramref name="Index"/>.</summary>
readonly record struct CountedToken(int Index, int Target, float Weight);
