using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenLedger.Grains;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;
using OpenLedger.Inference;
using OpenLedger.Silo.Console;

namespace OpenLedger.Silo.Gateway;

/// <summary>The first HTTP surface: models, completions and receipts.</summary>
static class GatewayEndpoints
{
    const string ReceiptHeader = "OpenLedger-Receipt";

    public static void MapOpenLedger(this IEndpointRouteBuilder endpoints, AccountKey localKey)
    {
        endpoints.MapGet("/v1/models", (HttpContext context, SiloOptions options, IGrainFactory grains) =>
            Answer(context, () => Models(context, options, grains)));
        endpoints.MapGet("/v1/network", (HttpContext context, NetworkAuthority network) => context.Response.WriteAsJsonAsync(
            new NetworkName(network.Network), GatewayJson.Default.NetworkName, cancellationToken: context.RequestAborted));
        endpoints.MapPost(
            "/v1/completions",
            (HttpContext context, IGrainFactory grains, IdSource ids, TimeProvider clock, NetworkAuthority network) =>
                Answer(context, () => new CompletionHandler(context, grains, ids, clock, new Payer(localKey, network.Network)).Run()));
        endpoints.MapGet("/receipts/{id}", (HttpContext context, IGrainFactory grains, string id) =>
            Answer(context, () => Receipt(context, grains, id)));

        // A statement holds the salts of receipts, and with them lets prompts be guessed: for this machine, or whoever has the token.
        endpoints.MapGet("/statements/{account}", (HttpContext context, IGrainFactory grains, string account, long from, long to) =>
            Answer(context, () => StatementOf(context, grains, account, from, to))).RequireAuthorization(OperatorPolicy.Name);
    }

    /// <summary>Says whose receipt an answer has.</summary>
    public static void SetReceipt(HttpResponse response, string receiptId) => response.Headers[ReceiptHeader] = receiptId;

    public static Task WriteError(HttpContext context, int status, string message, string type)
    {
        context.Response.StatusCode = status;
        var error = new GatewayError(new GatewayErrorBody(message, type));
        return context.Response.WriteAsJsonAsync(error, GatewayJson.Default.GatewayError, cancellationToken: context.RequestAborted);
    }

    /// <summary>A user's mistake is a 400 with one sentence; a full queue is a 503 that says so.</summary>
    static async Task Answer(HttpContext context, Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (RefusedException exception) when (
            exception.Message.StartsWith(RequestVerifier.Refusal, StringComparison.Ordinal) && !context.Response.HasStarted)
        {
            await WriteError(context, StatusCodes.Status401Unauthorized, exception.Message, "authentication_error");
        }
        catch (UserErrorException exception) when (!context.Response.HasStarted)
        {
            await WriteError(context, StatusCodes.Status400BadRequest, exception.Message, "invalid_request_error");
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException && !context.Response.HasStarted)
        {
            await WriteError(
                context,
                StatusCodes.Status400BadRequest,
                $"The body is not a valid request: {exception.Message}",
                "invalid_request_error");
        }
        catch (Exception exception) when (
            (exception is OverloadedException or BusyException || Repetition.IsPassing(exception)) && !context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "1";
            await WriteError(context, StatusCodes.Status503ServiceUnavailable, exception.Message, "overloaded");
        }
    }

    static async Task Models(HttpContext context, SiloOptions options, IGrainFactory grains)
    {
        var entries = new List<ModelEntry>();
        foreach (var id in options.Models.Keys.Order(StringComparer.Ordinal))
        {
            var model = grains.GetGrain<IModelGrain>(id);
            var card = await model.GetCard();
            entries.Add(new ModelEntry(card.Id, "model", card.Owner, null, card.ContentHash));
            foreach (var adapterId in await model.GetAdapters())
            {
                var adapter = await grains.GetGrain<IAdapterGrain>(adapterId).GetCard();
                if (adapter.Manifest is { } manifest)
                {
                    entries.Add(new ModelEntry(adapter.Id, "model", manifest.Owner, card.Id, manifest.ContentHash));
                }
            }
        }

        await context.Response.WriteAsJsonAsync(
            new ModelList("list", entries), GatewayJson.Default.ModelList, cancellationToken: context.RequestAborted);
    }

    static async Task StatementOf(HttpContext context, IGrainFactory grains, string account, long from, long to)
    {
        var book = grains.GetGrain<ILedgerGrain>(Books.Main);
        var file = await StatementExport.Run(book.GetCredits, account, from, to, context.RequestAborted);
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.Body.WriteAsync(file, context.RequestAborted);
    }

    static async Task Receipt(HttpContext context, IGrainFactory grains, string id)
    {
        var file = await grains.GetGrain<ILedgerGrain>(Books.Main).ExportReceipt(id);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{id}{ReceiptFile.Extension}\"";
        await context.Response.Body.WriteAsync(file, context.RequestAborted);
    }
}
