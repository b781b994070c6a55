using System.Collections.Frozen;
using System.Reflection;

namespace OpenLedger.Grains.Identity;

/// <summary>
/// Names what a request calls: the interface's alias, the method's alias and the grain's key, as in
/// <c>openledger.datanet/grant/dn_words</c>. Aliases never change, names in code may; neither alias has a slash.
/// </summary>
public static class RequestTarget
{
    /// <typeparam name="TGrain">The grain's interface, with an <see cref="AliasAttribute"/> on it and its methods.</typeparam>
    /// <param name="key">The grain's key.</param>
    /// <param name="method">The method's name in code: write <c>nameof(IDatanetGrain.Grant)</c>.</param>
    /// <exception cref="ArgumentException">The interface has no such method.</exception>
    public static string Of<TGrain>(string key, string method)
        where TGrain : IGrain =>
        Aliases<TGrain>.Prefixes.TryGetValue(method, out var prefix)
            ? prefix + key
            : throw new ArgumentException($"{typeof(TGrain).Name} has no method {method} with an alias", nameof(method));

    static class Aliases<TGrain>
    {
        /// <summary>By name in code: both aliases, each with its slash.</summary>
        public static readonly FrozenDictionary<string, string> Prefixes = typeof(TGrain).GetMethods()
            .Where(method => method.IsDefined(typeof(AliasAttribute), inherit: false))
            .ToFrozenDictionary(method => method.Name, method => $"{Alias(typeof(TGrain))}/{Alias(method)}/", StringComparer.Ordinal);

        static string Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
            ?? throw new ArgumentException($"{member.Name} has no alias");
    }
}
