using System.Diagnostics;

namespace OpenLedger.Cluster.Tests;

/// <summary>A process a core that does nothing but burn it, until it is disposed.</summary>
sealed class BusyCores : IDisposable
{
    readonly List<Process> _burning = [];

    public BusyCores()
    {
        for (var core = 0; core < Environment.ProcessorCount; core++)
        {
            // It ends by itself when this process dies: its standard input closes, and the loop is told.
            var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add("(while :; do :; done) & burning=$!; read line; kill $burning");
            _burning.Add(Process.Start(start)!);
        }
    }

    public void Dispose()
    {
        foreach (var process in _burning)
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
