namespace OpenLedger.Testing;

/// <summary>A folder that goes when the test ends.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("openledger-tests-").FullName;

    public string At(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
