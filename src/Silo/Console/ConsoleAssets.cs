using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OpenLedger.Silo.Console;

/// <summary>
/// Scripts and styles of the pages. They are resources of this assembly, so whatever host runs it serves them, built or published,
/// in production and in tests alike.
/// </summary>
static class ConsoleAssets
{
    const string Prefix = "assets/";

    static readonly Dictionary<string, Asset> assets = Load();

    const string BlazorScript = "blazor.web.js";

    /// <summary>The address of an asset; it changes with its content, so it may be kept for good.</summary>
    public static string Url(string name) => $"/assets/{name}?v={assets[name].Version}";

    public static void MapConsoleAssets(this IEndpointRouteBuilder endpoints)
    {
        foreach (var (name, asset) in assets.Where(asset => asset.Key != BlazorScript))
        {
            endpoints.MapGet($"/assets/{name}", context => Send(context, asset)).AllowAnonymous();
        }

        // The script looks for its server beside itself, so it lies where the framework would put it.
        endpoints.MapGet($"/_framework/{BlazorScript}", context => Send(context, assets[BlazorScript])).AllowAnonymous();
    }

    static async Task Send(HttpContext context, Asset asset)
    {
        var response = context.Response;
        response.Headers.ETag = asset.Tag;
        response.Headers.CacheControl = context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Headers.IfNoneMatch.Contains(asset.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = asset.ContentType;
        response.ContentLength = asset.Content.Length;
        await response.Body.WriteAsync(asset.Content, context.RequestAborted);
    }

    static Dictionary<string, Asset> Load()
    {
        var assembly = typeof(ConsoleAssets).Assembly;
        var found = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var hash = Convert.ToHexStringLower(SHA256.HashData(content));
            found[resource[Prefix.Length..]] = new Asset(content, ContentType(resource), hash);
        }

        return found;
    }

    static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"An asset ends in '{other}', whose content type is not known here."),
    };

    sealed record Asset(byte[] Content, string ContentType, string Hash)
    {
        public string Tag { get; } = $"\"{Hash}\"";

        public string Version => Hash[..16];
    }
}
