using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OpenLedger.Cluster.Tests;

/// <summary>One <c>openledger up --cluster</c> as a process of its own.</summary>
sealed partial class SiloProcess : IAsyncDisposable
{
    const int LinesMax = 2_000;
    const int SignalKill = 9;
    const int SignalContinue = 18;
    const int SignalStop = 19;

    static readonly TimeSpan startLimit = TimeSpan.FromMinutes(2);

    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();
    readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    SiloProcess(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it printed, the latest lines of it.</summary>
    public string Output => string.Join('\n', _lines);

    /// <param name="environment">Options as a silo takes them from its environment.</param>
    public static async Task<SiloProcess> Start(
        string workingFolder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "openledger.dll"));
        start.ArgumentList.Add("up");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        // A silo that finds itself declared dead ends with a crash; a dump of it helps nobody here.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var silo = new SiloProcess(Process.Start(start)!);
        silo.Read();
        try
        {
            await silo._up.Task.WaitAsync(startLimit);
            return silo;
        }
        catch
        {
            var output = silo.Output;
            await silo.DisposeAsync();
            throw new InvalidOperationException($"A silo did not come up: {output}");
        }
    }

    /// <summary>SIGKILL, as a crash or an out-of-memory killer ends a process.</summary>
    public void Kill() => Signal(SignalKill);

    /// <summary>SIGSTOP: it is there and does nothing, as in a long pause of its machine.</summary>
    public void Pause() => Signal(SignalStop);

    /// <summary>SIGCONT: it goes on where it was, and knows nothing of what happened meanwhile.</summary>
    public void Resume() => Signal(SignalContinue);

    public Task WaitForExit() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    void Read()
    {
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _up.TrySetException(new InvalidOperationException("It ended."));
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > LinesMax)
        {
            _lines.TryDequeue(out _);
        }

        if (line.StartsWith("OpenLedger is up at", StringComparison.Ordinal))
        {
            _up.TrySetResult();
        }
    }

    void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} could not be sent to {_process.Id}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
