namespace Orleans.Engine;

/// <summary>The values of a request's context.</summary>
sealed class ContextValues(IDictionary<string, object>? values)
    : Dictionary<string, object>(values ?? new Dictionary<string, object>(), StringComparer.Ordinal)
{
    bool? isImmutable;

    /// <summary>As a call takes them along: copied where the caller could change what the callee sees.</summary>
    public ContextValues ForCall() => (isImmutable ??= Values.All(value => Copier.IsImmutable(value.GetType())))
        ? this
        : new(this.ToDictionary(pair => pair.Key, pair => Copier<object>.Copy(pair.Value)));
}
