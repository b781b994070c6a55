using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OpenLedger.Ledger;

namespace OpenLedger.Silo.Gateway;

/// <summary>
/// The log as C2SP <c>tlog-tiles</c> serves it, below <c>/log/</c>: public, cacheable, for pages of any origin. Whatever is not the one
/// path of a tile is not found.
/// </summary>
static class LogEndpoints
{
    /// <summary>Where the log is.</summary>
    public const string Prefix = "/log/";

    const string CheckpointCaching = "public, max-age=1, must-revalidate";

    /// <summary>What a full tile holds never changes.</summary>
    const string FullCaching = "public, max-age=31536000, immutable";

    /// <summary>Nor does a partial one, but it goes when the full one comes.</summary>
    const string PartialCaching = "public, max-age=300";

    public static void MapLog(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(Prefix + "{**path}", [HttpMethods.Get, HttpMethods.Head], Serve);

    static async Task Serve(HttpContext context, ITileStore tiles, LogKey key, string? path)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        if (!IsCanonical(context, path))
        {
            NotFound(context);
        }
        else if (path == "checkpoint")
        {
            var note = tiles.ReadCheckpoint();
            await Answer(context, note is null ? null : Encoding.UTF8.GetBytes(note), "text/plain; charset=utf-8", CheckpointCaching);
        }
        else if (path == "key")
        {
            // For convenience: whoever checks the log has its key from elsewhere.
            using var signer = key.Open();
            await Answer(context, Encoding.UTF8.GetBytes($"{signer.Verifier}"), "text/plain; charset=utf-8", CheckpointCaching);
        }
        else if (LogTile.TryParse(path, out var tile))
        {
            var caching = tile.IsFull ? FullCaching : PartialCaching;
            await Answer(context, tiles.Read(tile), "application/octet-stream", caching);
        }
        else
        {
            NotFound(context);
        }
    }

    static async Task Answer(HttpContext context, byte[]? content, string type, string caching)
    {
        if (content is null)
        {
            NotFound(context);
            return;
        }

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = caching;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Headers.IfNoneMatch.SelectMany(value => value?.Split(',') ?? []).Any(value => value.Trim() == tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }

    static void NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>A path written with escapes or dots is another one to a cache, so it is none to us.</summary>
    static bool IsCanonical(HttpContext context, string? path)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return path is not null && (string.IsNullOrEmpty(target) || target == Prefix + path);
    }
}
