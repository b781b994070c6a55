using System.Globalization;
using System.Text;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A monitor's memory on disk: <c>state</c> (what it verified last), <c>checkpoint</c> (the signed checkpoint alone, for peers to compare
/// theirs with), and <c>evidence/…</c> (what a log was caught at, with the signed checkpoints that show it). One process at a time.
/// </summary>
public sealed class MonitorFolder : IDisposable
{
    /// <summary>Files of evidence; a monitor that caught a log so often has nothing to add.</summary>
    public const int EvidenceMax = 1_000;

    readonly string folder;
    readonly FileStream held;

    /// <exception cref="DataFolderException">Another process has it.</exception>
    public MonitorFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = Path.GetFullPath(folder);
        _ = Directory.CreateDirectory(this.folder);
        held = DataFolder.Lock(this.folder);
    }

    /// <summary>What was verified last; null in a new folder.</summary>
    /// <exception cref="MonitorStateException">It is damaged.</exception>
    public MonitorState? Read()
    {
        var path = Path.Combine(folder, "state");
        return File.Exists(path) ? MonitorState.Parse(File.ReadAllText(path, Encoding.UTF8)) : null;
    }

    /// <summary>Remembers, durably.</summary>
    public void Write(MonitorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        FileSync.WriteAtomically(Path.Combine(folder, "state"), Encoding.UTF8.GetBytes(state.ToText()));
        FileSync.WriteAtomically(Path.Combine(folder, "checkpoint"), Encoding.UTF8.GetBytes(state.CheckpointNote));
    }

    /// <summary>Keeps what a log was caught at, and gives the file's path.</summary>
    public string WriteEvidence(MonitorReport report, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(report);
        var place = Path.Combine(folder, "evidence");
        _ = Directory.CreateDirectory(place);
        var count = Directory.GetFiles(place).Length;
        if (count >= EvidenceMax)
        {
            throw new DataFolderException($"{place} holds {EvidenceMax} files of evidence already: move them away");
        }
        var path = Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"{count:d4}-{report.Fault}.txt"));
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{report.Fault} at {time.UtcDateTime:u}\n{report.Message}\n");
        foreach (var each in report.Evidence)
        {
            _ = text.Append("\n----\n").Append(each);
        }
        FileSync.WriteAtomically(path, Encoding.UTF8.GetBytes(text.ToString()));
        return path;
    }

    public void Dispose() => held.Dispose();
}
