using System.Collections;

namespace OpenLedger.Inference.Tests;

/// <summary>An empty list that holds whoever reads it until it is opened.</summary>
sealed class Gate : IReadOnlyList<int>, IDisposable
{
    readonly ManualResetEventSlim _entered = new();
    readonly ManualResetEventSlim _opened = new();

    public int Count => 0;

    public int this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

    public void WaitUntilEntered() => _entered.Wait();

    public void Open() => _opened.Set();

    public IEnumerator<int> GetEnumerator()
    {
        _entered.Set();
        _opened.Wait();
        return Enumerable.Empty<int>().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _entered.Dispose();
        _opened.Dispose();
    }
}
