using System.Text;

namespace OpenLedger.Inference;

/// <summary>The merge rules of one byte-level BPE: turns a piece of text into tokens.</summary>
sealed class TokenizerModel
{
    /// <summary>Up to this many bytes, scanning for the best pair is faster than a heap, and needs no memory.</summary>
    const int ScannedBytesMax = 64;

    public required PreTokenizer PreTokenizer { get; init; }

    /// <summary>The token of each single byte.</summary>
    public required int[] ByteTokens { get; init; }

    /// <summary>For a pair of tokens, packed by <see cref="Pack"/>: the rank of its rule and the token that it makes.</summary>
    public required Dictionary<long, (int Rank, int Token)> Merges { get; init; }

    /// <summary>Tokens by their bytes spelled in Latin-1, where a whole piece is looked up before merging (<c>ignore_merges</c>).</summary>
    public required Dictionary<string, int>? WholePieces { get; init; }

    public static long Pack(int left, int right) => ((long)left << 32) | (uint)right;

    public void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        var sizeBytesMax = Encoding.UTF8.GetMaxByteCount(piece.Length);
        var bytes = sizeBytesMax <= 512 ? stackalloc byte[sizeBytesMax] : new byte[sizeBytesMax];
        bytes = bytes[..Encoding.UTF8.GetBytes(piece, bytes)];
        if (WholePieces is { } whole
            && whole.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(ByteAlphabet.Spell(bytes), out var token))
        {
            tokens.Add(token);
            return;
        }
        if (bytes.Length <= ScannedBytesMax)
        {
            EncodeScanning(bytes, tokens);
        }
        else
        {
            EncodeWithHeap(bytes, tokens);
        }
    }

    void EncodeScanning(ReadOnlySpan<byte> bytes, List<int> tokens)
    {
        Span<int> parts = stackalloc int[ScannedBytesMax];
        var count = bytes.Length;
        for (var index = 0; index < count; index++)
        {
            parts[index] = ByteTokens[bytes[index]];
        }
        while (count > 1)
        {
            var best = (Rank: int.MaxValue, Token: 0);
            var place = 0;
            for (var index = 0; index + 1 < count; index++)
            {
                if (Merges.TryGetValue(Pack(parts[index], parts[index + 1]), out var merge) && merge.Rank < best.Rank)
                {
                    best = merge;
                    place = index;
                }
            }
            if (best.Rank == int.MaxValue)
            {
                break;
            }
            parts[place] = best.Token;
            parts[(place + 2)..count].CopyTo(parts[(place + 1)..]);
            count--;
        }
        tokens.AddRange(parts[..count]);
    }

    /// <summary>The same rule over a linked list: n log n, for pieces that a stranger made long.</summary>
    void EncodeWithHeap(ReadOnlySpan<byte> bytes, List<int> tokens)
    {
        var parts = new int[bytes.Length];
        var next = new int[bytes.Length];
        var previous = new int[bytes.Length];
        var queue = new PriorityQueue<(int Place, int Left, int Right), (int Rank, int Place)>();
        for (var index = 0; index < parts.Length; index++)
        {
            parts[index] = ByteTokens[bytes[index]];
            next[index] = index + 1 < parts.Length ? index + 1 : -1;
            previous[index] = index - 1;
        }
        for (var index = 0; index + 1 < parts.Length; index++)
        {
            Offer(index);
        }
        while (queue.TryDequeue(out var candidate, out _))
        {
            var place = candidate.Place;
            var after = next[place];
            // A neighbour may have merged since the pair was offered.
            if (parts[place] != candidate.Left || after < 0 || parts[after] != candidate.Right)
            {
                continue;
            }
            parts[place] = Merges[Pack(candidate.Left, candidate.Right)].Token;
            parts[after] = -1;
            next[place] = next[after];
            if (next[place] >= 0)
            {
                previous[next[place]] = place;
                Offer(place);
            }
            if (previous[place] >= 0)
            {
                Offer(previous[place]);
            }
        }
        for (var place = 0; place >= 0; place = next[place])
        {
            tokens.Add(parts[place]);
        }

        void Offer(int place)
        {
            var (left, right) = (parts[place], parts[next[place]]);
            if (Merges.TryGetValue(Pack(left, right), out var merge))
            {
                queue.Enqueue((place, left, right), (merge.Rank, place));
            }
        }
    }
}
