using System.Numerics;
using System.Runtime.Intrinsics;

namespace OpenLedger.Attribution;

/// <summary>
/// Maps a flat gradient, part by part, to what is stored of it: the part itself, or a subsampled randomised Hadamard transform
/// of it (Ailon and Chazelle 2009): signs drawn by seed, a Walsh–Hadamard transform, and a seeded sample of its outputs. Inner
/// products are kept on average, with a relative error of about 1/√(stored length), at the price of p·log p additions.
/// </summary>
public sealed class GradientSketch
{
    /// <summary>Most parts of an adapter.</summary>
    public const int PartCountMax = 4_096;

    /// <summary>Most parameters of one part.</summary>
    public const int PartLengthMax = 1 << 24;

    /// <summary>Most parameters of an adapter.</summary>
    public const int GradientLengthMax = 1 << 28;

    readonly int[] _partLengths;
    readonly int[] _storedLengths;
    readonly int[] _partOffsets;
    readonly int[] _storedOffsets;
    readonly long _seed;
    readonly PartTransform?[] _transforms;

    /// <param name="partLengths">Parameters of each part, in the order of the flat gradient.</param>
    /// <param name="options">Size limits and seed.</param>
    /// <exception cref="ArgumentException">No parts, too many, or one of a length out of range.</exception>
    public GradientSketch(IReadOnlyList<int> partLengths, InfluenceOptions options)
        : this(partLengths, StoredLengthsOf(partLengths, options), options.SketchSeed)
    {
    }

    internal GradientSketch(IReadOnlyList<int> partLengths, IReadOnlyList<int> storedLengths, long seed)
    {
        _partLengths = [.. partLengths];
        _storedLengths = [.. storedLengths];
        _seed = seed;
        _partOffsets = OffsetsOf(_partLengths);
        _storedOffsets = OffsetsOf(_storedLengths);
        _transforms = new PartTransform?[_partLengths.Length];
        for (var part = 0; part < _transforms.Length; part++)
        {
            if (_storedLengths[part] < _partLengths[part])
            {
                _transforms[part] = new PartTransform(_partLengths[part], _storedLengths[part], MixedSeed(seed, part));
            }
        }
    }

    /// <summary>Parameters of each part.</summary>
    public IReadOnlyList<int> PartLengths => _partLengths;

    /// <summary>Numbers stored of each part.</summary>
    public IReadOnlyList<int> StoredLengths => _storedLengths;

    /// <summary>Seed of signs and samples.</summary>
    public long Seed => _seed;

    /// <summary>Parameters of all parts: the length of a gradient.</summary>
    public int GradientLength => _partOffsets[^1];

    /// <summary>Numbers stored of all parts.</summary>
    public int StoredLength => _storedOffsets[^1];

    /// <summary><c>identity</c> or <c>srht</c>.</summary>
    public string Kind => Array.Exists(_transforms, transform => transform is not null) ? "srht" : "identity";

    internal int StoredOffset(int part) => _storedOffsets[part];

    internal static int[] StoredLengthsOf(IReadOnlyList<int> partLengths, InfluenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(partLengths);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (partLengths.Count is 0 or > PartCountMax)
        {
            throw new ArgumentException($"a gradient has 1 to {PartCountMax} parts, not {partLengths.Count}", nameof(partLengths));
        }
        long total = 0;
        foreach (var length in partLengths)
        {
            if (length is < 1 or > PartLengthMax)
            {
                throw new ArgumentException($"a part has 1 to {PartLengthMax} parameters, not {length}", nameof(partLengths));
            }
            total += length;
        }
        if (total > GradientLengthMax)
        {
            throw new ArgumentException($"a gradient has at most {GradientLengthMax} parameters, not {total}", nameof(partLengths));
        }
        var stored = new int[partLengths.Count];
        for (var part = 0; part < stored.Length; part++)
        {
            var proportion = total <= options.RowBytesMax
                ? partLengths[part]
                : (int)((long)partLengths[part] * options.RowBytesMax / total);
            stored[part] = Math.Min(partLengths[part], Math.Max(options.PartLengthMin, proportion));
        }
        return stored;
    }

    /// <summary>Writes what is stored of a gradient, as floats.</summary>
    /// <exception cref="ArgumentException">The gradient has another length, or holds a number that is not finite.</exception>
    public void Apply(ReadOnlySpan<float> gradient, Span<float> stored)
    {
        if (gradient.Length != GradientLength)
        {
            throw new ArgumentException($"the gradient has {gradient.Length} entries, not {GradientLength} as the index", nameof(gradient));
        }
        if (stored.Length != StoredLength)
        {
            throw new ArgumentException($"the sketch has {stored.Length} entries, the index stores {StoredLength}", nameof(stored));
        }
        for (var part = 0; part < _partLengths.Length; part++)
        {
            var from = gradient.Slice(_partOffsets[part], _partLengths[part]);
            var to = stored.Slice(_storedOffsets[part], _storedLengths[part]);
            if (_transforms[part] is { } transform)
            {
                transform.Apply(from, to);
            }
            else
            {
                from.CopyTo(to);
            }
        }
        foreach (var number in stored)
        {
            if (!float.IsFinite(number))
            {
                throw new ArgumentException("the gradient holds a number that is not finite", nameof(gradient));
            }
        }
    }

    /// <summary>Scales what is stored of a row (or of a query, which is scaled as the rows are) to length 1, by policy.</summary>
    internal void Normalise(Span<float> stored, RowNormalisation normalisation, bool query)
    {
        // Relative influence divides by the row's influence on itself, which is known only later; of a query it takes the direction.
        if (normalisation == RowNormalisation.Whole || (query && normalisation == RowNormalisation.SelfInfluence))
        {
            ScaleToUnit(stored);
        }
        else if (normalisation == RowNormalisation.Part)
        {
            for (var part = 0; part < _storedLengths.Length; part++)
            {
                ScaleToUnit(stored.Slice(_storedOffsets[part], _storedLengths[part]));
            }
        }
    }

    static void ScaleToUnit(Span<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }
        var factor = sum > 0 ? 1 / Math.Sqrt(sum) : 0;
        foreach (ref var value in values)
        {
            value = (float)(value * factor);
        }
    }

    static int[] OffsetsOf(int[] lengths)
    {
        var offsets = new int[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++)
        {
            offsets[i + 1] = checked(offsets[i] + lengths[i]);
        }
        return offsets;
    }

    static ulong MixedSeed(long seed, int part) => unchecked(((ulong)seed * 0x9E3779B97F4A7C15) + ((ulong)part * 0xD1B54A32D192ED03) + 1);

    /// <summary>The transform of one part: sign bits and sampled outputs, both from the seed alone.</summary>
    sealed class PartTransform
    {
        readonly int _paddedLength;
        readonly ulong[] _signs;
        readonly int[] _sample;
        readonly float _scale;

        public PartTransform(int length, int storedLength, ulong seed)
        {
            _paddedLength = (int)BitOperations.RoundUpToPowerOf2((uint)length);
            var state = seed;
            _signs = new ulong[(length + 63) / 64];
            for (var i = 0; i < _signs.Length; i++)
            {
                _signs[i] = Next(ref state);
            }
            _sample = Sample(_paddedLength, storedLength, ref state);
            // The transform multiplies squared lengths by the padded length, and the _sample keeps stored/padded of it.
            _scale = (float)(1.0 / Math.Sqrt(storedLength));
        }

        public void Apply(ReadOnlySpan<float> from, Span<float> to)
        {
            var buffer = System.Buffers.ArrayPool<float>.Shared.Rent(_paddedLength);
            var work = buffer.AsSpan(0, _paddedLength);
            for (var i = 0; i < from.Length; i++)
            {
                var sign = (uint)(_signs[i >> 6] >> (i & 63)) << 31;
                work[i] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(from[i]) ^ sign);
            }
            work[from.Length..].Clear();
            Transform(work);
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = work[_sample[i]] * _scale;
            }
            System.Buffers.ArrayPool<float>.Shared.Return(buffer);
        }

        static void Transform(Span<float> work)
        {
            var half = 1;
            if (work.Length >= Vector512<float>.Count)
            {
                TransformWithinVectors(work);
                half = Vector512<float>.Count;
            }
            for (; half < work.Length; half *= 2)
            {
                for (var start = 0; start < work.Length; start += 2 * half)
                {
                    Butterfly(work.Slice(start, half), work.Slice(start + half, half));
                }
            }
        }

        // The first four levels join numbers of one vector: each is added to its partner, negated where its own index has the bit.
        static void TransformWithinVectors(Span<float> work)
        {
            for (var i = 0; i < work.Length; i += Vector512<float>.Count)
            {
                var numbers = Vector512.Create<float>(work[i..]);
                numbers = Vector512.FusedMultiplyAdd(numbers, signs1, Vector512.Shuffle(numbers, partners1));
                numbers = Vector512.FusedMultiplyAdd(numbers, signs2, Vector512.Shuffle(numbers, partners2));
                numbers = Vector512.FusedMultiplyAdd(numbers, signs4, Vector512.Shuffle(numbers, partners4));
                numbers = Vector512.FusedMultiplyAdd(numbers, signs8, Vector512.Shuffle(numbers, partners8));
                numbers.CopyTo(work[i..]);
            }
        }

        static readonly Vector512<int> partners1 = Vector512<int>.Indices ^ Vector512.Create(1);
        static readonly Vector512<int> partners2 = Vector512<int>.Indices ^ Vector512.Create(2);
        static readonly Vector512<int> partners4 = Vector512<int>.Indices ^ Vector512.Create(4);
        static readonly Vector512<int> partners8 = Vector512<int>.Indices ^ Vector512.Create(8);
        static readonly Vector512<float> signs1 = SignsOfBit(1);
        static readonly Vector512<float> signs2 = SignsOfBit(2);
        static readonly Vector512<float> signs4 = SignsOfBit(4);
        static readonly Vector512<float> signs8 = SignsOfBit(8);

        static Vector512<float> SignsOfBit(int bit)
        {
            var set = Vector512.Equals(Vector512<int>.Indices & Vector512.Create(bit), Vector512.Create(bit)).AsSingle();
            return Vector512.ConditionalSelect(set, Vector512.Create(-1f), Vector512.Create(1f));
        }

        static void Butterfly(Span<float> left, Span<float> right)
        {
            var i = 0;
            for (; i + Vector512<float>.Count <= left.Length; i += Vector512<float>.Count)
            {
                var a = Vector512.Create<float>(left[i..]);
                var b = Vector512.Create<float>(right[i..]);
                (a + b).CopyTo(left[i..]);
                (a - b).CopyTo(right[i..]);
            }
            for (; i < left.Length; i++)
            {
                (left[i], right[i]) = (left[i] + right[i], left[i] - right[i]);
            }
        }

        // A partial Fisher–Yates shuffle, then sorted so that reads go forward.
        static int[] Sample(int count, int sampleCount, ref ulong state)
        {
            var all = new int[count];
            for (var i = 0; i < count; i++)
            {
                all[i] = i;
            }
            for (var i = 0; i < sampleCount; i++)
            {
                var other = i + (int)(Next(ref state) % (ulong)(count - i));
                (all[i], all[other]) = (all[other], all[i]);
            }
            Array.Sort(all, 0, sampleCount);
            return all[..sampleCount];
        }

        // SplitMix64 (Steele, Lea and Flood 2014): fixed for all time, unlike System.Random, whose sequence is not promised.
        static ulong Next(ref ulong state)
        {
            unchecked
            {
                state += 0x9E3779B97F4A7C15;
                var mixed = state;
                mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                return mixed ^ (mixed >> 31);
            }
        }
    }
}
