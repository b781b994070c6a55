using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class MonitorFolderTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly NoteSigner signer = Samples.Signer();

    public void Dispose()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_was_seen_is_there_after_a_restart_and_damage_to_it_is_noticed()
    {
        var range = new CompactRange();
        range.Append(ContentHash.OfText("a"));
        range.Append(ContentHash.OfText("b"));
        range.Append(ContentHash.OfText("c"));
        var note = new Checkpoint(signer.Name, 3, range.Root()).Sign(signer);
        using (var first = new MonitorFolder(folder.File("seen")))
        {
            first.Read().Should().BeNull();
            first.Write(new MonitorState(note, range.Nodes));
        }
        using (var again = new MonitorFolder(folder.File("seen")))
        {
            again.Read()!.CheckpointNote.Should().Be(note);
            again.Read()!.Nodes.Should().Equal(range.Nodes);
            File.ReadAllText(folder.File("seen/checkpoint")).Should().Be(note);
            FluentActions.Invoking(() => new MonitorFolder(folder.File("seen"))).Should().Throw<DataFolderException>();
        }
        var text = File.ReadAllText(folder.File("seen/state"));
        foreach (var damaged in new[] { "", "nonsense", text.Replace("monitor 1", "monitor 2"), text[..^20], text.Remove(25, 4) })
        {
            File.WriteAllText(folder.File("seen/state"), damaged);
            using var opened = new MonitorFolder(folder.File("seen"));
            FluentActions.Invoking(() => opened.Read()).Should().Throw<MonitorStateException>();
        }
    }

    [Fact]
    public void Evidence_of_each_lie_is_kept_in_a_file_of_its_own()
    {
        using var opened = new MonitorFolder(folder.File("seen"));
        var report = new MonitorReport(LogFault.SplitView, "two roots", 3, 3, 0, ["first note\n", "second note\n"]);
        var time = DateTimeOffset.UnixEpoch;
        var paths = new[] { opened.WriteEvidence(report, time), opened.WriteEvidence(report, time) };
        paths.Should().OnlyHaveUniqueItems();
        File.ReadAllText(paths[1]).Should().ContainAll("SplitView", "two roots", "first note", "second note");
    }
}
