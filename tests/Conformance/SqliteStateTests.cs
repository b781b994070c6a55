using OpenLedger.Storage;

namespace OpenLedger.Conformance;

/// <summary>
/// What is promised of states in relational tables, over SQLite:
/// https://learn.microsoft.com/dotnet/orleans/grains/grain-persistence/relational-storage.
/// </summary>
public sealed class SqliteStateTests : RelationalStateKit, IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("conformance-");

    public void Dispose() => folder.Delete(recursive: true);

    protected override Task<(string Invariant, string ConnectionString)> Database()
    {
        var path = Path.Combine(folder.FullName, "state.db");
        GrainStateTables.Create(path);
        return Task.FromResult((GrainStateTables.Invariant, $"Data Source={path};Pooling=False"));
    }
}
