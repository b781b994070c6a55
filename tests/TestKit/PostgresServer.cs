using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OpenLedger.TestKit;

/// <summary>
/// A private PostgreSQL server: its own folder, its own port on 127.0.0.1, trust authentication. It can be stopped, killed and started
/// again on the same port. It goes when it is disposed, and also when the process that started it dies.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    const string ServerUser = "postgres";
    const int StartAttemptsMax = 5;
    static readonly TimeSpan commandTimeout = TimeSpan.FromSeconds(90);
    static readonly string? binaries = FindBinaries();

    readonly string folder;
    readonly Process guardian;
    int databaseCount;

    PostgresServer(string folder, Process guardian)
    {
        this.folder = folder;
        this.guardian = guardian;
    }

    /// <summary>Why there is no server on this machine; null where there is.</summary>
    public static string? MissingReason => binaries is not null
        ? null
        : "PostgreSQL's server is not installed (initdb was not found): on Debian, apt-get install postgresql";

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Whether its main process is alive.</summary>
    public bool IsRunning => MainProcessId() is { } id && Directory.Exists($"/proc/{id}");

    string Data => Path.Combine(folder, "data");

    /// <summary>Makes and starts a server.</summary>
    /// <param name="isDurable">Whether it flushes to the disk. Killing it loses nothing either way; cutting the power would.</param>
    /// <exception cref="InvalidOperationException">It is not installed, or does not start.</exception>
    public static async Task<PostgresServer> Start(bool isDurable = false)
    {
        if (MissingReason is { } reason)
        {
            throw new InvalidOperationException(reason);
        }
        var folder = Directory.CreateTempSubdirectory("openledger-postgres-").FullName;
        if (Environment.UserName == "root")
        {
            // The server refuses to run as root.
            await Run("chown", ServerUser, folder);
        }
        var data = Path.Combine(folder, "data");
        // Outlives everything in this process: when the pipe closes, for whatever reason, server and folder go.
        var guardian = Process.Start(AsServer(
            "sh", "-c", "trap '' INT TERM HUP; read line; \"$0\" -D \"$1\" -m immediate stop >/dev/null 2>&1; rm -rf \"$2\"",
            Path.Combine(binaries!, "pg_ctl"), data, folder))!;
        var server = new PostgresServer(folder, guardian);
        try
        {
            await RunAsServer("initdb", "-D", data, "-U", ServerUser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
            await File.AppendAllTextAsync(Path.Combine(data, "postgresql.conf"), Settings(isDurable));
            await server.StartOnFreePort();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty database.</summary>
    /// <param name="name">Null takes the next free one.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabase(string? name = null)
    {
        name ??= string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databaseCount)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>The connection string of a database of this server.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = ServerUser,
        Database = database,
    }.ToString();

    /// <summary>Starts it again, on the port that it had.</summary>
    public Task StartAgain() => StartOnPort(Port);

    /// <summary>Stops it in good order, breaking off open connections.</summary>
    public Task Stop() => RunAsServer("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");

    /// <summary>Stops it in good order and starts it again.</summary>
    public async Task Restart()
    {
        await Stop();
        await StartAgain();
    }

    /// <summary>Kills all its processes (SIGKILL), as a crash of the machine would, and waits until they are gone.</summary>
    public async Task Kill()
    {
        var main = MainProcessId() ?? throw new InvalidOperationException("The server does not run.");
        // The main process first: it would restart the others.
        int[] all = [main, .. ChildrenOf(main)];
        foreach (var id in all)
        {
            Signal(id);
        }
        foreach (var id in all)
        {
            await Until(() => !IsAlive(id), $"process {id} to go");
        }
        // A dead process that nobody has waited for yet would still pass for a running server at the next start.
        File.Delete(Path.Combine(Data, "postmaster.pid"));
    }

    public async ValueTask DisposeAsync()
    {
        guardian.StandardInput.Close();
        await guardian.WaitForExitAsync();
        guardian.Dispose();
    }

    static string Settings(bool isDurable) => string.Create(CultureInfo.InvariantCulture, $"""

        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 200
        shared_buffers = 32MB
        fsync = {(isDurable ? "on" : "off")}
        full_page_writes = {(isDurable ? "on" : "off")}
        autovacuum_naptime = 10min

        """);

    async Task StartOnFreePort()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await StartOnPort(FreePort());
                return;
            }
            catch (InvalidOperationException) when (attempt < StartAttemptsMax)
            {
                // Somebody else took the port in between: another one.
            }
        }
    }

    async Task StartOnPort(int port)
    {
        Port = port;
        await RunAsServer(
            "pg_ctl", "-D", Data, "-l", Path.Combine(folder, "log"), "-w", "-t", "60", "-o",
            string.Create(CultureInfo.InvariantCulture, $"-p {port}"), "start");
    }

    int? MainProcessId()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        return File.Exists(file)
            && int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    static List<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && StatusOf(id) is { } status
                && status.Parent == parent)
            {
                children.Add(id);
            }
        }
        return children;
    }

    static bool IsAlive(int id) => StatusOf(id) is { State: not 'Z' };

    // "id (name) state parent …": the name may hold anything.
    static (char State, int Parent)? StatusOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static void Signal(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static async Task Until(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(commandTimeout);
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new InvalidOperationException($"Waited in vain for {what}.");
            }
            await Task.Delay(10);
        }
    }

    static Task RunAsServer(string tool, params string[] arguments) =>
        Run(AsServer([Path.Combine(binaries!, tool), .. arguments]));

    static Task Run(params string[] command) => Run(StartOf(command));

    static ProcessStartInfo AsServer(params string[] command) =>
        StartOf(Environment.UserName == "root" ? ["runuser", "-u", ServerUser, "--", .. command] : command);

    static ProcessStartInfo StartOf(string[] command)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }
        return start;
    }

    static async Task Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(commandTimeout);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        var said = await output + await errors;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {said}");
        }
    }

    // The newest version of Debian's layout, else whatever is on the path.
    static string? FindBinaries()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(debian)
            ? Directory.GetDirectories(debian)
                .OrderByDescending(
                    folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        return folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }
}
