using System.Diagnostics;
using System.Globalization;
using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class KillTests
{
    const int Kills = 4;

    [Fact]
    public async Task Whatever_a_killed_process_acknowledged_is_there()
    {
        using var temporary = new TemporaryFolder();
        var data = temporary.File("data");
        var moments = new Random(20);
        var acknowledged = -1;
        for (var kill = 0; kill < Kills; kill++)
        {
            var lines = await RunAndKillAfter(data, moments.Next(1, 60));
            lines.Should().NotBeEmpty();
            var last = lines[^1].Split(' ');
            var number = int.Parse(last[0], CultureInfo.InvariantCulture);
            number.Should().BeGreaterThan(acknowledged);
            acknowledged = number;

            using var folder = DataFolder.Open(data, IdSource.FromSeed(1));
            using var signer = folder.OpenSigner();
            using var core = LedgerCore.Open(folder.OpenJournal(), signer, TimeProvider.System, IdSource.Secure());
            core.ReceiptCount.Should().BeInRange(acknowledged + 1, acknowledged + 2,
                "one commit may have been written but not acknowledged");
            core.FindBalance(SystemAccounts.Platform)!.Posted
                .Should().Be(Amount.FromOpen((ulong)core.ReceiptCount), "nothing happens twice");
            core.Audit().Conserved.Should().BeTrue();
            core.RootAt(ulong.Parse(last[1], CultureInfo.InvariantCulture)).ToString().Should().Be(last[2], "the log only grew");
            for (var i = 0; i <= acknowledged; i++)
            {
                ReceiptVerifier.Verify(core.ExportReceipt($"rc_{i}"), core.LogKey).IsValid
                    .Should().BeTrue("receipt {0} was acknowledged", i);
            }
        }
    }

    // Kills the child (SIGKILL) once it has acknowledged so many commits; gives every whole line that it wrote until it died.
    static async Task<List<string>> RunAndKillAfter(string data, int commits)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "exec", typeof(KillTests).Assembly.Location },
            Environment = { [CommittingChild.FolderVariable] = data },
        };
        using var child = Process.Start(start)!;
        var text = new System.Text.StringBuilder();
        var buffer = new char[1024];
        var killed = false;
        int read;
        while ((read = await child.StandardOutput.ReadAsync(buffer)) > 0)
        {
            _ = text.Append(buffer, 0, read);
            if (!killed && text.ToString().Count(c => c == '\n') >= commits)
            {
                child.Kill();
                killed = true;
            }
        }
        await child.WaitForExitAsync();
        var lines = text.ToString().Split('\n');
        lines.Should().NotContain(line => line.StartsWith("refused", StringComparison.Ordinal));
        killed.Should().BeTrue("the child should commit until it is killed, and wrote: {0}", text);
        return [.. lines[..^1]];
    }
}
