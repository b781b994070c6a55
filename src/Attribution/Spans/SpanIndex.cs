namespace OpenLedger.Attribution;

/// <summary>A stretch of an answer that a row repeats token for token.</summary>
/// <param name="Row">The row's number in the index.</param>
/// <param name="AnswerStart">First token of the stretch in the answer.</param>
/// <param name="RowStart">First token of the stretch in the row.</param>
/// <param name="Length">Tokens of the stretch.</param>
public sealed record SpanMatch(int Row, int AnswerStart, int RowStart, int Length);

/// <summary>
/// Overlap of an answer with the rows an adapter was trained on, by n-grams of one to <see cref="OrderMax"/> tokens. A row's score
/// is Σ n · ln(N / df) over the distinct n-grams of the answer that it holds, where df of the N rows hold the n-gram: what every
/// row says weighs nothing, and a long rare phrase weighs most. Immutable, safe for concurrent queries, blind to who owns a row.
/// </summary>
public sealed class SpanIndex
{
    /// <summary>Tokens of the longest n-gram.</summary>
    public const int OrderMax = 5;

    /// <summary>Most rows of an index.</summary>
    public const int RowCountMax = 1_000_000;

    /// <summary>Most tokens of a row, and of an answer that is scored; more is refused.</summary>
    public const int RowLengthMax = 65_536;

    /// <summary>Most tokens of all rows.</summary>
    public const int TokenCountMax = 100_000_000;

    // Of rows that share an n-gram at most this many are scored for it: one that so many hold tells them hardly apart.
    const int PostingsVisitedMax = 100_000;

    readonly int[][] _rows;

    // One entry for each distinct n-gram of a row, sorted by key, then row: keys beside packed places.
    readonly ulong[] _keys;
    readonly Place[] _places;

    SpanIndex(int[][] rows)
    {
        _rows = rows;
        (_keys, _places) = Postings(rows);
    }

    /// <summary>Rows, in the order in which they were given.</summary>
    public int RowCount => _rows.Length;

    internal IReadOnlyList<int[]> Rows => _rows;

    /// <summary>Indexes rows: each is the tokens of its answer (or, for the question baseline, of its prompt).</summary>
    /// <exception cref="ArgumentException">No rows, too many, or a row or token out of bounds.</exception>
    public static SpanIndex Build(IReadOnlyList<IReadOnlyList<int>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count is 0 or > RowCountMax)
        {
            throw new ArgumentException($"an index covers 1 to {RowCountMax} rows, not {rows.Count}", nameof(rows));
        }
        long total = 0;
        var copies = new int[rows.Count][];
        for (var row = 0; row < copies.Length; row++)
        {
            if (rows[row].Count > RowLengthMax)
            {
                throw new ArgumentException($"row {row} has {rows[row].Count} tokens, above {RowLengthMax}", nameof(rows));
            }
            total += rows[row].Count;
            copies[row] = [.. rows[row]];
            if (Array.Exists(copies[row], token => token < 0))
            {
                throw new ArgumentException($"row {row} holds a token below 0", nameof(rows));
            }
        }
        if (total > TokenCountMax)
        {
            throw new ArgumentException($"the rows have {total} tokens, above {TokenCountMax}", nameof(rows));
        }
        return new SpanIndex(copies);
    }

    /// <summary>Scores of every row, from one pass over the answer. Never negative; 0 is no overlap.</summary>
    /// <exception cref="ArgumentException">The answer is longer than <see cref="RowLengthMax"/> tokens.</exception>
    public double[] Scores(ReadOnlySpan<int> answer)
    {
        CheckAnswer(answer);
        var scores = new double[_rows.Length];
        for (var order = 1; order <= Math.Min(OrderMax, answer.Length); order++)
        {
            // The first place of each distinct n-gram of this order, in order of place.
            var seen = new Dictionary<ulong, List<int>>();
            for (var start = 0; start + order <= answer.Length; start++)
            {
                var gram = answer.Slice(start, order);
                if (IsFirst(seen, answer, gram, start))
                {
                    AddGram(gram, scores);
                }
            }
        }
        return scores;
    }

    /// <summary>
    /// Where a row repeats the answer: maximal stretches of at least <paramref name="lengthMin"/> tokens, each position of the answer
    /// in at most one, longest first and then by place. Evidence for a receipt, at most <paramref name="countMax"/>.
    /// </summary>
    public IReadOnlyList<SpanMatch> Matches(ReadOnlySpan<int> answer, int row, int lengthMin = 2, int countMax = 10)
    {
        CheckAnswer(answer);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _rows.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 0);
        var candidates = MaximalMatches(answer, row, lengthMin);
        candidates.Sort((left, right) =>
        {
            var byLength = right.Length.CompareTo(left.Length);
            var byPlace = byLength != 0 ? byLength : left.AnswerStart.CompareTo(right.AnswerStart);
            return byPlace != 0 ? byPlace : left.RowStart.CompareTo(right.RowStart);
        });
        var taken = new bool[answer.Length];
        var matches = new List<SpanMatch>();
        foreach (var candidate in candidates)
        {
            var place = taken.AsSpan(candidate.AnswerStart, candidate.Length);
            if (matches.Count < countMax && !place.Contains(true))
            {
                place.Fill(true);
                matches.Add(candidate);
            }
        }
        return matches;
    }

    /// <summary>Writes the index; <see cref="SpanIndexFile"/> describes the format.</summary>
    public void Write(Stream stream) => SpanIndexFile.Write(this, stream);

    /// <summary>Reads an index from a stream that holds nothing else after its position.</summary>
    /// <inheritdoc cref="InfluenceIndex.Read"/>
    public static SpanIndex Read(Stream stream, long? lengthBytes = null) => SpanIndexFile.Read(stream, lengthBytes);

    // lengths[j + 1] is the length of the common stretch that ends at answer token i and row token j.
    List<SpanMatch> MaximalMatches(ReadOnlySpan<int> answer, int row, int lengthMin)
    {
        var tokens = _rows[row];
        var lengths = new int[tokens.Length + 1];
        var best = new List<SpanMatch>();
        for (var i = 0; i < answer.Length; i++)
        {
            var longest = 0;
            var longestEnd = 0;
            for (var j = tokens.Length - 1; j >= 0; j--)
            {
                lengths[j + 1] = tokens[j] == answer[i] ? lengths[j] + 1 : 0;
                var goesOn = i + 1 < answer.Length && j + 1 < tokens.Length && tokens[j + 1] == answer[i + 1];
                if (!goesOn && lengths[j + 1] >= longest)
                {
                    (longest, longestEnd) = (lengths[j + 1], j + 1);
                }
            }
            if (longest >= lengthMin)
            {
                best.Add(new SpanMatch(row, i + 1 - longest, longestEnd - longest, longest));
            }
        }
        return best;
    }

    static void CheckAnswer(ReadOnlySpan<int> answer)
    {
        if (answer.Length > RowLengthMax)
        {
            throw new ArgumentException($"an answer of {answer.Length} tokens is above {RowLengthMax}", nameof(answer));
        }
    }

    static bool IsFirst(Dictionary<ulong, List<int>> seen, ReadOnlySpan<int> answer, ReadOnlySpan<int> gram, int start)
    {
        var key = Key(gram);
        if (!seen.TryGetValue(key, out var starts))
        {
            seen.Add(key, [start]);
            return true;
        }
        foreach (var earlier in starts)
        {
            if (answer.Slice(earlier, gram.Length).SequenceEqual(gram))
            {
                return false;
            }
        }
        starts.Add(start);
        return true;
    }

    void AddGram(ReadOnlySpan<int> gram, double[] scores)
    {
        var key = Key(gram);
        var first = LowerBound(key);
        var holders = new List<int>();
        for (var i = first; i < _keys.Length && _keys[i] == key && holders.Count < PostingsVisitedMax; i++)
        {
            var place = _places[i];
            // Keys are hashes: only the tokens themselves say that it is the same n-gram.
            if (place.Order == gram.Length && _rows[place.Row].AsSpan(place.Start, place.Order).SequenceEqual(gram))
            {
                holders.Add(place.Row);
            }
        }
        if (holders.Count == 0)
        {
            return;
        }
        var weight = gram.Length * Math.Log((double)_rows.Length / holders.Count);
        foreach (var row in holders)
        {
            scores[row] += weight;
        }
    }

    int LowerBound(ulong key)
    {
        int from = 0, to = _keys.Length;
        while (from < to)
        {
            var middle = from + ((to - from) / 2);
            if (_keys[middle] < key)
            {
                from = middle + 1;
            }
            else
            {
                to = middle;
            }
        }
        return from;
    }

    static (ulong[] Keys, Place[] Places) Postings(int[][] rows)
    {
        var keys = new List<ulong>();
        var places = new List<Place>();
        for (var row = 0; row < rows.Length; row++)
        {
            ReadOnlySpan<int> tokens = rows[row];
            for (var order = 1; order <= Math.Min(OrderMax, tokens.Length); order++)
            {
                var seen = new Dictionary<ulong, List<int>>();
                for (var start = 0; start + order <= tokens.Length; start++)
                {
                    if (IsFirst(seen, tokens, tokens.Slice(start, order), start))
                    {
                        keys.Add(Key(tokens.Slice(start, order)));
                        places.Add(new Place(row, start, order));
                    }
                }
            }
        }
        var sortedKeys = keys.ToArray();
        var sorted = Enumerable.Range(0, sortedKeys.Length).ToArray();
        Array.Sort(sorted, (left, right) =>
        {
            var byKey = sortedKeys[left].CompareTo(sortedKeys[right]);
            return byKey != 0 ? byKey : left.CompareTo(right);
        });
        return (Array.ConvertAll(sorted, i => sortedKeys[i]), Array.ConvertAll(sorted, i => places[i]));
    }

    static ulong Key(ReadOnlySpan<int> gram)
    {
        unchecked
        {
            var key = (ulong)gram.Length * 0x9E3779B97F4A7C15;
            foreach (var token in gram)
            {
                key = (key ^ (uint)token) * 0xBF58476D1CE4E5B9;
                key ^= key >> 29;
            }
            return key;
        }
    }

    readonly record struct Place(int Row, int Start, int Order);
}
