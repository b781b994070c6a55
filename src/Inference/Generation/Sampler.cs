using System.Numerics.Tensors;

namespace OpenLedger.Inference;

/// <summary>Draws tokens from logits. One for each sequence: it holds the seeded source of randomness.</summary>
public sealed class Sampler
{
    readonly SamplingOptions _options;
    readonly Random _random;
    readonly PriorityQueue<int, Candidate> _candidates = new();
    readonly List<(int Token, double Probability)> _kept = [];
    float[] _weights = [];

    public Sampler(SamplingOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
    }

    /// <summary>More probable first, ties by lower id.</summary>
    readonly record struct Candidate(float Weight, int Token) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
        {
            var order = other.Weight.CompareTo(Weight);
            return order != 0 ? order : Token.CompareTo(other.Token);
        }
    }

    /// <summary>The next token. Temperature is applied first, then top-k, then top-p over what top-k left.</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        // The library's maximum returns the first of equal values, hence the lowest id.
        if (_options.Temperature == 0 || _options.TopK == 1)
        {
            return TensorPrimitives.IndexOfMax(logits);
        }
        if (_weights.Length < logits.Length)
        {
            _weights = new float[logits.Length];
        }
        var weights = _weights.AsSpan(0, logits.Length);
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), weights);
        TensorPrimitives.Divide(weights, _options.Temperature, weights);
        TensorPrimitives.Exp(weights, weights);
        Keep(weights);
        var total = 0.0;
        foreach (var (_, probability) in _kept)
        {
            total += probability;
        }
        var drawn = _random.NextDouble() * total;
        foreach (var (token, probability) in _kept)
        {
            drawn -= probability;
            if (drawn < 0)
            {
                return token;
            }
        }
        return _kept[^1].Token;
    }

    /// <summary>Leaves the tokens that may be drawn, most probable first where they had to be ranked.</summary>
    void Keep(ReadOnlySpan<float> weights)
    {
        _kept.Clear();
        var sum = 0.0;
        for (var token = 0; token < weights.Length; token++)
        {
            sum += weights[token];
        }
        var countMax = _options.TopK == 0 ? weights.Length : Math.Min(_options.TopK, weights.Length);
        if (countMax == weights.Length && _options.TopP >= 1)
        {
            for (var token = 0; token < weights.Length; token++)
            {
                _kept.Add((token, weights[token]));
            }
            return;
        }
        Rank(weights);
        if (_options.TopK > 0)
        {
            while (_kept.Count < countMax)
            {
                var token = _candidates.Dequeue();
                _kept.Add((token, weights[token]));
            }
            sum = _kept.Sum(entry => entry.Probability);
            CutToTopP(sum);
            return;
        }
        // Without top-k the sum is known beforehand, and ranking stops as soon as it is reached.
        for (var reached = 0.0; reached < _options.TopP * sum && _candidates.TryDequeue(out var token, out _);)
        {
            _kept.Add((token, weights[token]));
            reached += weights[token];
        }
    }

    void Rank(ReadOnlySpan<float> weights)
    {
        _candidates.Clear();
        var candidates = new (int, Candidate)[weights.Length];
        for (var token = 0; token < weights.Length; token++)
        {
            candidates[token] = (token, new Candidate(weights[token], token));
        }
        _candidates.EnqueueRange(candidates);
    }

    void CutToTopP(double sum)
    {
        var reached = 0.0;
        for (var index = 0; index < _kept.Count; index++)
        {
            reached += _kept[index].Probability;
            if (reached >= _options.TopP * sum)
            {
                _kept.RemoveRange(index + 1, _kept.Count - index - 1);
                return;
            }
        }
    }
}
