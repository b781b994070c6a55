namespace OpenLedger.Inference;

/// <summary>Finds stop strings in text that comes in pieces; holds back only what may still become one.</summary>
sealed class StopScanner(IReadOnlyList<string> stops)
{
    string _held = "";

    /// <summary>Whether a stop string has come.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text that is certain to belong to the answer.</summary>
    public string Append(string text)
    {
        if (stops.Count == 0 || text.Length == 0)
        {
            return text;
        }
        _held += text;
        var end = -1;
        foreach (var stop in stops)
        {
            var place = _held.IndexOf(stop, StringComparison.Ordinal);
            if (place >= 0 && (end < 0 || place < end))
            {
                end = place;
            }
        }
        Stopped = end >= 0;
        return Release(Stopped ? end : _held.Length - OpenLength(), keep: !Stopped);
    }

    /// <summary>What was held back, when nothing more comes.</summary>
    public string Finish() => Release(_held.Length, keep: false);

    string Release(int length, bool keep)
    {
        var text = _held[..length];
        _held = keep ? _held[length..] : "";
        return text;
    }

    /// <summary>The longest end of the held text that a stop string begins with.</summary>
    int OpenLength()
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, _held.Length); length > longest; length--)
            {
                if (_held.AsSpan(_held.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
