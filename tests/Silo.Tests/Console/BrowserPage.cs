using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>One page of a browser, and what went wrong on it.</summary>
sealed class BrowserPage
{
    readonly Chromium _browser;
    readonly string _session;

    BrowserPage(Chromium browser, string session)
    {
        _browser = browser;
        _session = session;
        browser.Happened += Note;
    }

    /// <summary>Every address that the page asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Exceptions of scripts, and what the browser logged as an error, violations of the content policy among it.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    public static async Task<BrowserPage> Open(Chromium browser)
    {
        var target = await browser.Send("Target.createTarget", new { url = "about:blank" });
        var attached = await browser.Send("Target.attachToTarget", new { targetId = (string)target["targetId"]!, flatten = true });
        var page = new BrowserPage(browser, (string)attached["sessionId"]!);
        foreach (var domain in new[] { "Page", "Runtime", "Network", "Log" })
        {
            await page.Send($"{domain}.enable");
        }

        return page;
    }

    public async Task Look(int width, int height, bool dark)
    {
        await Send("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
        var scheme = new { name = "prefers-color-scheme", value = dark ? "dark" : "light" };
        await Send("Emulation.setEmulatedMedia", new { features = new[] { scheme } });
    }

    /// <summary>Goes to an address and waits until it is loaded.</summary>
    public async Task Go(string url)
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<string, string, JsonNode> note = (session, method, _) =>
        {
            if (session == _session && method == "Page.loadEventFired")
            {
                loaded.TrySetResult();
            }
        };
        _browser.Happened += note;
        await Send("Page.navigate", new { url });
        await loaded.Task.WaitAsync(TimeSpan.FromMinutes(1));
        _browser.Happened -= note;
    }

    /// <summary>The value of an expression; a promise is awaited.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer = await Send("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        return answer["exceptionDetails"] is { } details
            ? throw new InvalidOperationException($"{expression}: {details.ToJsonString()}")
            : answer["result"]!["value"];
    }

    /// <summary>Waits until an expression is true, looking again whenever the document changes.</summary>
    public async Task Until(string condition)
    {
        var met = await Evaluate(
            $$"""
            new Promise(done => {
              const holds = () => { try { return {{condition}}; } catch { return false; } };
              if (holds()) { done(true); return; }
              const observer = new MutationObserver(() => { if (holds()) { observer.disconnect(); clearTimeout(limit); done(true); } });
              const limit = setTimeout(() => { observer.disconnect(); done(false); }, 60000);
              observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
            })
            """);
        ((bool)met!).Should().BeTrue("within a minute the page should come to: {0}", condition);
    }

    public async Task<byte[]> Screenshot()
    {
        var shot = await Send("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true });
        return Convert.FromBase64String((string)shot["data"]!);
    }

    Task<JsonNode> Send(string method, object? parameters = null) => _browser.Send(method, parameters, _session);

    void Note(string session, string method, JsonNode parameters)
    {
        if (session != _session)
        {
            return;
        }

        if (method == "Network.requestWillBeSent")
        {
            Requests.Enqueue((string)parameters["request"]!["url"]!);
        }
        else if (method == "Network.webSocketCreated")
        {
            Requests.Enqueue((string)parameters["url"]!);
        }
        else if (method == "Runtime.exceptionThrown")
        {
            Errors.Enqueue(parameters.ToJsonString());
        }
        else if (method == "Log.entryAdded" && (string)parameters["entry"]!["level"]! == "error")
        {
            Errors.Enqueue(parameters["entry"]!.ToJsonString());
        }
    }
}
