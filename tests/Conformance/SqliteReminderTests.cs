using OpenLedger.Storage;

namespace OpenLedger.Conformance;

/// <summary>
/// What is promised of reminders in relational tables, over SQLite:
/// https://learn.microsoft.com/dotnet/orleans/grains/timers-and-reminders#configuration.
/// </summary>
public sealed class SqliteReminderTests : RelationalReminderKit, IDisposable
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
