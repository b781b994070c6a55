using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenLedger.Ledger;

namespace OpenLedger.Silo.Log;

/// <summary>A witness over HTTP, C2SP <c>tlog-witness</c>: <c>add-checkpoint</c>, and for monitors <c>ORIGIN-HASH/checkpoint</c>.</summary>
public sealed class WitnessServer : IAsyncDisposable
{
    readonly WebApplication _application;

    WitnessServer(WebApplication application) => _application = application;

    /// <summary>Where it listens: the submission prefix and the monitoring prefix.</summary>
    public string Url => _application.Urls.First();

    /// <exception cref="UserErrorException">The address cannot be listened on.</exception>
    public static async Task<WitnessServer> Start(Witness witness, string url, CancellationToken cancellationToken = default)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
        {
            throw new UserErrorException($"'{url}' is not an address to listen on; take http://127.0.0.1:7080, say.");
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter(null, LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = AddCheckpoint.SizeBytesMax);
        var application = builder.Build();
        application.Urls.Add(url);
        application.MapPost("/" + AddCheckpoint.Path, context => Add(context, witness));
        application.MapGet("/{hash}/checkpoint", (HttpContext context, string hash) => Latest(context, witness, hash));
        try
        {
            await application.StartAsync(cancellationToken);
            return new WitnessServer(application);
        }
        catch (IOException exception)
        {
            await application.DisposeAsync();
            throw new UserErrorException($"{url} cannot be listened on: {exception.Message}", exception);
        }
    }

    /// <summary>Waits until the process is asked to stop.</summary>
    public Task WaitForStop(CancellationToken cancellationToken) => _application.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    static async Task Add(HttpContext context, Witness witness)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            context.Response.StatusCode = exception.StatusCode;
            return;
        }

        var answer = witness.Add(body.GetBuffer().AsSpan(0, (int)body.Length));
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer.Body), context.RequestAborted);
    }

    static async Task Latest(HttpContext context, Witness witness, string hash)
    {
        var origin = witness.Origins.FirstOrDefault(origin => ContentHash.OfText(origin).Hex == hash);
        var note = origin is null ? null : witness.Latest(origin);
        if (note is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "public, max-age=1";
        context.Response.Headers.AccessControlAllowOrigin = "*";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(note), context.RequestAborted);
    }
}
