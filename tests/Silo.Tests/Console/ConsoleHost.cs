using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenLedger.Silo.Console;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>The pages on a free port without a silo behind them, and everything that was logged, however unimportant.</summary>
sealed class ConsoleHost : IAsyncDisposable
{
    readonly WebApplication _application;

    ConsoleHost(WebApplication application, LogCollector log)
    {
        _application = application;
        Log = log;
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(application.Urls.First()) };
    }

    /// <summary>Keeps cookies and follows no redirection.</summary>
    public HttpClient Http { get; }

    public LogCollector Log { get; }

    public static async Task<ConsoleHost> Start(string? operatorToken)
    {
        var log = new LogCollector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Configuration.AddInMemoryCollection(
            [new KeyValuePair<string, string?>("OpenLedger:Console:OperatorToken", operatorToken)]);
        var options = new ConsoleOptions().Or(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IOperatorView>(new StillView()).AddConsole(options);
        RemoteAddress.Pretend(builder);
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapConsole();
        await application.StartAsync();
        return new ConsoleHost(application, log);
    }

    public async Task<HttpResponseMessage> Get(string path, params (string Name, string Value)[] headers) =>
        await Send(HttpMethod.Get, path, null, headers);

    public async Task<HttpResponseMessage> Send(
        HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>>? form, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (form is not null)
        {
            request.Content = new FormUrlEncodedContent(form);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    internal sealed class LogCollector : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
