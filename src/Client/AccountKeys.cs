using OpenLedger.Grains.Identity;

namespace OpenLedger.Client;

/// <summary>The keys that a client signs with, by account; mostly one. It owns none of them: whoever made a key disposes it.</summary>
public sealed class AccountKeys
{
    readonly Lock _gate = new();
    readonly Dictionary<string, AccountKey> _keys = new(StringComparer.Ordinal);
    AccountKey? _first;

    /// <param name="keys">The first one signs what no account is named for.</param>
    public AccountKeys(params IReadOnlyList<AccountKey> keys)
    {
        foreach (var key in keys)
        {
            Add(key);
        }
    }

    /// <summary>Keys held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _keys.Count;
            }
        }
    }

    /// <summary>Requests that the keys have signed, all together.</summary>
    public long SignedCount
    {
        get
        {
            lock (_gate)
            {
                return _keys.Values.Sum(key => key.SignedCount);
            }
        }
    }

    /// <summary>Adds a key; one of an account that is held already changes nothing.</summary>
    public void Add(AccountKey key)
    {
        lock (_gate)
        {
            _keys.TryAdd(key.Address, key);
            _first ??= key;
        }
    }

    /// <summary>The key of an account, or the first one where no account is named.</summary>
    /// <exception cref="UserErrorException">It is not here.</exception>
    public AccountKey Of(string? account = null)
    {
        lock (_gate)
        {
            if (_first is null)
            {
                throw new UserErrorException("This changes something and has to be signed, and no key is at hand: name one with --key.");
            }

            return account is null ? _first
                : !AccountAddress.TryParse(account, out _) ? throw new AddressFormatException(account)
                : _keys.TryGetValue(account, out var key) ? key
                : throw new UserErrorException($"This has to be signed by {account}, and its key is not at hand: name it with --key.");
        }
    }

    /// <summary>Whether an account's key is here.</summary>
    public bool Has(string account)
    {
        lock (_gate)
        {
            return _keys.ContainsKey(account);
        }
    }
}
