namespace Orleans.Runtime;

/// <summary>Values that travel with every call that the current code makes, and with the calls that these make.</summary>
public static class RequestContext
{
    internal const string CallChainKey = "#CCR";
    static readonly AsyncLocal<Engine.ContextValues?> Local = new();

    // Never changed once set: a call carries it without a copy, unless a value in it may change.
    internal static Engine.ContextValues? Values
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    public static Guid ReentrancyId
    {
        get => Get(CallChainKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
            {
                Remove(CallChainKey);
            }
            else
            {
                Set(CallChainKey, value);
            }
        }
    }

    public static object? Get(string key) => Local.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    public static void Set(string key, object value) =>
        Local.Value = new(Local.Value) { [key] = value };

    public static bool Remove(string key)
    {
        if (Local.Value is not { } values || !values.ContainsKey(key))
        {
            return false;
        }

        var rest = new Engine.ContextValues(values);
        rest.Remove(key);
        Local.Value = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Local.Value = null;

    public static ReentrancySection AllowCallChainReentrancy()
    {
        var current = ReentrancyId;
        return new(current, current == Guid.Empty ? Engine.Numbers.NextGuid() : current);
    }

    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>What <see cref="AllowCallChainReentrancy"/> began and its disposal ends.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        readonly Guid originalId;
        readonly Guid newId;

        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            (originalId, newId) = (originalReentrancyId, newReentrancyId);
            Switch(newId, newId, 1);
        }

        public void Dispose() => Switch(originalId, newId, -1);

        static void Switch(Guid current, Guid counted, int by)
        {
            ReentrancyId = current;
            if (counted != Guid.Empty)
            {
                (RuntimeContext.Current as Engine.Activation)?.CountCallChain(counted, by);
            }
        }
    }
}
