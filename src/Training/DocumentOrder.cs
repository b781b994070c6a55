namespace OpenLedger.Training;

/// <summary>
/// Which windows each step reads: a new shuffle every epoch, packed in that order into the step's batches. The state is two numbers,
/// so a run resumes where it stopped.
/// </summary>
sealed class DocumentOrder
{
    readonly TokenDocuments _documents;
    readonly int _batchTokens;
    readonly ulong _seed;
    readonly int[] _order;
    readonly int[] _scratch;

    public DocumentOrder(TokenDocuments documents, int batchTokens, ulong seed)
    {
        _documents = documents;
        _batchTokens = batchTokens;
        _seed = seed;
        _order = new int[documents.Windows.Count];
        _scratch = new int[documents.Windows.Max(window => window.Length) + 1];
        Shuffle();
    }

    public int Epoch { get; private set; }

    /// <summary>Windows of the epoch read so far.</summary>
    public int Place { get; private set; }

    /// <summary>Epochs read, with the part of the one under way.</summary>
    public double EpochsRead => Epoch + Place / (double)_order.Length;

    public void MoveTo(int epoch, int place)
    {
        (Epoch, Place) = (epoch, place);
        Shuffle();
    }

    /// <summary>Fills a batch with as many of the next windows as fit; <paramref name="batch"/> null only counts.</summary>
    /// <returns>Tokens of the batch.</returns>
    public int Fill(TokenBatch? batch)
    {
        batch?.Clear();
        var tokens = 0;
        while (true)
        {
            var window = _documents.Windows[_order[Place]];
            if (tokens > 0 && tokens + window.InputCount > _batchTokens)
            {
                return tokens;
            }

            tokens += window.InputCount;
            batch?.Add(_documents.TokensOf(window, _scratch), 1, 1);
            if (++Place == _order.Length)
            {
                Place = 0;
                Epoch++;
                Shuffle();
            }
        }
    }

    /// <summary>Steps of <paramref name="batchesPerStep"/> batches until so many epochs are read.</summary>
    public static int CountSteps(TokenDocuments documents, int batchTokens, int batchesPerStep, ulong seed, double epochs)
    {
        var order = new DocumentOrder(documents, batchTokens, seed);
        var batches = 0;
        while (order.EpochsRead < epochs)
        {
            order.Fill(null);
            batches++;
        }

        return Math.Max(1, batches / batchesPerStep);
    }

    void Shuffle()
    {
        for (var index = 0; index < _order.Length; index++)
        {
            _order[index] = index;
        }

        new SeededGenerator(SeededGenerator.Mix(_seed + (ulong)Epoch)).Shuffle(_order);
    }
}
