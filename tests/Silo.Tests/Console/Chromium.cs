using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>A headless Chromium, driven over its DevTools protocol: the few messages that the tests need.</summary>
sealed class Chromium : IAsyncDisposable
{
    const string Listening = "DevTools listening on ";

    static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    readonly Process _process;
    readonly TemporaryFolder _profile;
    readonly ClientWebSocket _socket = new();
    readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    readonly SemaphoreSlim _sending = new(1);
    readonly CancellationTokenSource _closing = new();
    Task _receiving = Task.CompletedTask;
    int _lastId;

    Chromium(Process process, TemporaryFolder profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>What happens on pages: session, method, parameters.</summary>
    public event Action<string, string, JsonNode>? Happened;

    /// <summary>The browser on this machine, or null.</summary>
    public static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in new[] { "chromium", "chromium-browser", "google-chrome", "chrome" }
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();

    public static async Task<Chromium> Start(string executable)
    {
        var profile = new TemporaryFolder();
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--remote-debugging-port=0", $"--user-data-dir={profile.At("profile")}", "about:blank",
        ];
        var start = new ProcessStartInfo(executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var browser = new Chromium(process, profile);
        try
        {
            await browser._socket.ConnectAsync(new Uri(await Address(process).WaitAsync(patience)), CancellationToken.None);
            browser._receiving = browser.Receive();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and waits for its result.</summary>
    public async Task<JsonNode> Send(string method, object? parameters = null, string? session = null)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        var message = new JsonObject
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }),
        };
        if (session is not null)
        {
            message["sessionId"] = session;
        }

        await _sending.WaitAsync();
        try
        {
            var bytes = Encoding.UTF8.GetBytes(message.ToJsonString());
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _receiving;
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Dispose();
        _sending.Dispose();
        _closing.Dispose();
    }

    /// <summary>The browser says where it listens on its standard error; the rest of what it says there is read and dropped.</summary>
    static Task<string> Address(Process process)
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException("Chromium ended before it listened."));
            }
            else if (line.Data.StartsWith(Listening, StringComparison.Ordinal))
            {
                address.TrySetResult(line.Data[Listening.Length..]);
            }
        };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return address.Task;
    }

    async Task Receive()
    {
        var buffer = new byte[1 << 16];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer, _closing.Token);
                message.Write(buffer, 0, received.Count);
                if (received.EndOfMessage)
                {
                    Take(JsonNode.Parse(message.ToArray())!);
                    message.SetLength(0);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            foreach (var waiting in _waiting.Values)
            {
                waiting.TrySetException(new InvalidOperationException("Chromium has gone.", exception));
            }
        }
    }

    void Take(JsonNode message)
    {
        if (message["id"] is not { } id)
        {
            Happened?.Invoke((string?)message["sessionId"] ?? "", (string)message["method"]!, message["params"]!);
        }
        else if (_waiting.TryRemove((int)id, out var answer))
        {
            if (message["error"] is { } error)
            {
                answer.TrySetException(new InvalidOperationException(error.ToJsonString()));
            }
            else
            {
                answer.TrySetResult(message["result"]!);
            }
        }
    }
}
