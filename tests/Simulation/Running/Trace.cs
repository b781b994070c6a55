using System.Security.Cryptography;
using System.Text;
using OpenLedger;

namespace Simulation.Tests.Running;

/// <summary>What happened in a run: all of it as a hash, the end of it as text.</summary>
sealed class Trace(Action<string>? listener) : IDisposable
{
    const int KeptMax = 40;

    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly Queue<string> last = new();

    public IReadOnlyList<string> Last => [.. last];

    public void Note(string line)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        last.Enqueue(line);
        if (last.Count > KeptMax)
        {
            _ = last.Dequeue();
        }
        listener?.Invoke(line);
    }

    public ContentHash Hash() => new(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();
}
