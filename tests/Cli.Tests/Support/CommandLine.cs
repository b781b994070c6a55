using System.Diagnostics;

namespace OpenLedger.Cli.Tests;

/// <summary>What a run of <c>openledger</c> printed and how it ended.</summary>
sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>A user's mistake: exit code 2 and one line that says what is wrong, nothing of how the program is made.</summary>
    public void ShouldBeRefused(string message)
    {
        ExitCode.Should().Be(2, Error);
        Error.Trim().Should().StartWith("error: ").And.NotContain("\n").And.Match(message);
        Output.Should().BeEmpty();
    }

    /// <summary>The same where lines of progress came before.</summary>
    public void ShouldBeRefusedAfterProgress(string message)
    {
        (this with { Error = Error.Trim().Split('\n')[^1] }).ShouldBeRefused(message);
    }
}

/// <summary>Runs the built program as a process of its own.</summary>
static class CommandLine
{
    static readonly TimeSpan limit = TimeSpan.FromMinutes(3);

    public static async Task<CommandResult> Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "openledger.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var late = new CancellationTokenSource(limit, TimeProvider.System);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(late.Token);
            var error = process.StandardError.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
