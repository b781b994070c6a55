namespace OpenLedger.Ledger;

/// <summary>Numbers of names, in 1,024 dictionaries, each of which grows by itself: no addition copies millions.</summary>
sealed class NameIndex
{
    readonly Dictionary<string, int>?[] parts = new Dictionary<string, int>?[1024];

    public bool TryGet(string name, out int number)
    {
        number = 0;
        return parts[PartOf(name)] is { } part && part.TryGetValue(name, out number);
    }

    public void Add(string name, int number) =>
        (parts[PartOf(name)] ??= new Dictionary<string, int>(StringComparer.Ordinal)).Add(name, number);

    // An address differs from others in its last letters; which part a name is in changes no answer.
    int PartOf(string name)
    {
        var hash = (uint)name.Length;
        for (var i = Math.Max(0, name.Length - 8); i < name.Length; i++)
        {
            hash = (hash * 31) + name[i];
        }
        return (int)((hash * 2_654_435_761) >> 22);
    }
}
