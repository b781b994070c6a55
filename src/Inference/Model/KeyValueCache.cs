namespace OpenLedger.Inference;

/// <summary>
/// The keys and values of one sequence at every layer. It belongs to one sequence under one adapter, and to one thread at a time.
/// </summary>
/// <remarks>
/// Keys lie in blocks of 16 positions, <c>[block][head][dimension][16]</c>, so that a query meets 16 positions in one vector;
/// values lie <c>[position][head][dimension]</c>. Memory grows by doubling up to the context length.
/// </remarks>
public sealed class KeyValueCache
{
    internal const int BlockLength = 16;

    const int FirstCapacity = 64;

    readonly ModelConfig _config;
    readonly float[][] _keys;
    readonly float[][] _values;
    int _capacity;
    bool _begun;

    internal KeyValueCache(ModelConfig config)
    {
        _config = config;
        _keys = new float[config.LayerCount][];
        _values = new float[config.LayerCount][];
        Array.Fill(_keys, []);
        Array.Fill(_values, []);
    }

    /// <summary>Tokens in the cache.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that keys and values take.</summary>
    public long SizeBytes => 2L * _config.LayerCount * _capacity * _config.KeyValueSize * sizeof(float);

    internal PackedAdapter? Adapter { get; private set; }

    /// <summary>Forgets all tokens but the first ones, so that another continuation of the same beginning can be computed.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        _begun = length > 0;
    }

    /// <summary>
    /// Makes room for more tokens, and holds the sequence to one adapter: keys made under another would be silently wrong.
    /// </summary>
    internal void Begin(int tokenCount, PackedAdapter? adapter)
    {
        if (Length + tokenCount > _config.ContextLength)
        {
            throw new ContextLengthException(Length + tokenCount, _config.ContextLength);
        }
        if (_begun && !ReferenceEquals(adapter, Adapter))
        {
            throw new InvalidOperationException("A cache holds what one adapter computed; use a new cache for another adapter.");
        }
        Adapter = adapter;
        _begun = true;
        if (Length + tokenCount > _capacity)
        {
            var limit = (_config.ContextLength + BlockLength - 1) / BlockLength * BlockLength;
            var capacity = Math.Max(FirstCapacity, _capacity);
            while (capacity < Length + tokenCount)
            {
                capacity *= 2;
            }
            _capacity = Math.Min(capacity, limit);
            for (var layer = 0; layer < _config.LayerCount; layer++)
            {
                Array.Resize(ref _keys[layer], _capacity * _config.KeyValueSize);
                Array.Resize(ref _values[layer], _capacity * _config.KeyValueSize);
            }
        }
    }

    internal void Advance(int tokenCount) => Length += tokenCount;

    internal ReadOnlySpan<float> Keys(int layer) => _keys[layer];

    internal ReadOnlySpan<float> Values(int layer) => _values[layer];

    /// <summary>Stores one position's rotated keys and its values.</summary>
    internal void Store(int layer, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        values.CopyTo(_values[layer].AsSpan(position * _config.KeyValueSize));
        // Head and dimension together count the rows of a block.
        var block = _keys[layer].AsSpan(position / BlockLength * BlockLength * _config.KeyValueSize, BlockLength * _config.KeyValueSize);
        for (int row = 0, place = position % BlockLength; row < keys.Length; row++, place += BlockLength)
        {
            block[place] = keys[row];
        }
    }
}
