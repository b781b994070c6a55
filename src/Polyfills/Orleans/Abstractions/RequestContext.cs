using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Values that travel with every call that the current code makes, and with the calls that these make.</summary>
public static class RequestContext
{
    internal const string CallChainKey = "#CCR";

    static readonly AsyncLocal<Dictionary<string, object>?> Local = new();

    // Never changed once set: a call carries it without a copy.
    internal static Dictionary<string, object>? Values
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>The keys.</summary>
    public static IEnumerable<string> Keys => Local.Value?.Keys ?? Enumerable.Empty<string>();

    /// <summary>Keys and values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Local.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>The chain of calls within which a grain may be called back; empty for none.</summary>
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

    /// <summary>The value of a key, or null.</summary>
    public static object? Get(string key) => Local.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Sets a value for the calls that follow.</summary>
    public static void Set(string key, object value) =>
        Local.Value = new(Local.Value ?? []) { [key] = value };

    /// <summary>Removes a value.</summary>
    public static bool Remove(string key)
    {
        if (Local.Value is not { } values || !values.ContainsKey(key))
        {
            return false;
        }

        var rest = new Dictionary<string, object>(values);
        rest.Remove(key);
        Local.Value = rest.Count == 0 ? null : rest;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Local.Value = null;

    /// <summary>Until disposed, grains that the current call calls may call this grain back, though its turn has not ended.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var current = ReentrancyId;
        return new(current, current == Guid.Empty ? Engine.Numbers.NextGuid() : current);
    }

    /// <summary>Until disposed, this grain may not be called back.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>What <see cref="AllowCallChainReentrancy"/> began and its disposal ends.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "Nested in Orleans as well.")]
    public readonly struct ReentrancySection : IDisposable
    {
        readonly Guid originalId;
        readonly Guid newId;

        /// <summary>Begins the section.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            originalId = originalReentrancyId;
            newId = newReentrancyId;
            if (newId != originalId)
            {
                ReentrancyId = newId;
            }

            if (newId != Guid.Empty)
            {
                (RuntimeContext.Current as Engine.Activation)?.EnterCallChain(newId);
            }
        }

        /// <summary>Ends the section.</summary>
        public void Dispose()
        {
            if (newId != Guid.Empty)
            {
                (RuntimeContext.Current as Engine.Activation)?.ExitCallChain(newId);
            }

            if (newId != originalId)
            {
                ReentrancyId = originalId;
            }
        }
    }
}
