using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OpenLedger.Grains;
using OpenLedger.Grains.Inference;

namespace OpenLedger.Silo.Gateway;

/// <summary>One <c>POST /v1/completions</c>, whole or as server-sent events.</summary>
sealed class CompletionHandler
{
    const int TokensDefault = 64;
    const string RequestIdHeader = "Idempotency-Key";
    const string ObjectName = "text_completion";

    readonly HttpContext _context;
    readonly IGrainFactory _grains;
    readonly IdSource _ids;
    readonly TimeProvider _clock;
    readonly Payer _payer;

    public CompletionHandler(HttpContext context, IGrainFactory grains, IdSource ids, TimeProvider clock, Payer payer)
    {
        _context = context;
        _grains = grains;
        _ids = ids;
        _clock = clock;
        _payer = payer;
    }

    public async Task Run()
    {
        var body = await JsonSerializer.DeserializeAsync(_context.Request.Body, GatewayJson.Default.CompletionBody, _context.RequestAborted)
            ?? throw new UserErrorException("The body is empty; it holds an object with model and prompt.");
        var request = Request(body);
        var chunks = _grains.GetGrain<IInferenceGrain>(GrainKeys.OfRequest(request.RequestId))
            .Complete(request, _payer.Authorize(_context.Request, request), _context.RequestAborted);
        if (body.Stream == true)
        {
            await Stream(request, chunks);
        }
        else
        {
            await Whole(request, chunks);
        }
    }

    InferenceRequest Request(CompletionBody body) => new(
        _context.Request.Headers[RequestIdHeader].FirstOrDefault() ?? _ids.Next("rq"),
        _payer.AccountOf(_context.Request, body.User),
        body.Model ?? throw new UserErrorException("The field model is missing: name a model id (md_…) or an adapter id (ad_…)."),
        body.Prompt ?? throw new UserErrorException("The field prompt is missing."),
        body.MaxTokens ?? TokensDefault,
        new Sampling(body.Temperature ?? 0, body.TopK ?? 0, body.TopP ?? 1, body.Seed ?? 0),
        Stops(body.Stop));

    static List<string> Stops(JsonElement? stop) => stop switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(each => each.GetString()!)],
        _ => throw new UserErrorException("The field stop is a string or a list of strings."),
    };

    async Task Whole(InferenceRequest request, IAsyncEnumerable<InferenceChunk> chunks)
    {
        var text = new StringBuilder();
        string? finish = null;
        Settlement? settlement = null;
        await foreach (var chunk in chunks.WithCancellation(_context.RequestAborted))
        {
            text.Append(chunk.Text);
            finish = chunk.FinishReason ?? finish;
            settlement = chunk.Settlement ?? settlement;
        }

        if (settlement is not null)
        {
            GatewayEndpoints.SetReceipt(_context.Response, settlement.ReceiptId);
        }

        await _context.Response.WriteAsJsonAsync(
            Piece(request, text.ToString(), finish, settlement),
            GatewayJson.Default.CompletionAnswer,
            cancellationToken: _context.RequestAborted);
    }

    async Task Stream(InferenceRequest request, IAsyncEnumerable<InferenceChunk> chunks)
    {
        await foreach (var chunk in chunks.WithCancellation(_context.RequestAborted))
        {
            if (!_context.Response.HasStarted)
            {
                // Headers leave with the first piece, so that a refusal before it is still a plain error.
                _context.Response.ContentType = "text/event-stream";
                _context.Response.Headers.CacheControl = "no-cache";
            }

            if (chunk.Text.Length > 0 || chunk.FinishReason is not null || chunk.Settlement is not null)
            {
                var piece = Piece(request, chunk.Text, chunk.FinishReason, chunk.Settlement);
                await Event(JsonSerializer.Serialize(piece, GatewayJson.Default.CompletionAnswer));
            }
        }

        await Event("[DONE]");
    }

    async Task Event(string data)
    {
        await _context.Response.WriteAsync($"data: {data}\n\n", _context.RequestAborted);
        await _context.Response.Body.FlushAsync(_context.RequestAborted);
    }

    CompletionAnswer Piece(InferenceRequest request, string text, string? finish, Settlement? settlement) => new(
        request.RequestId,
        ObjectName,
        _clock.GetUtcNow().ToUnixTimeSeconds(),
        request.Model,
        [new CompletionChoice(0, text, finish)],
        settlement is null
            ? null
            : new CompletionUsage(
                settlement.PromptTokenCount,
                settlement.CompletionTokenCount,
                settlement.PromptTokenCount + settlement.CompletionTokenCount),
        settlement is null
            ? null
            : new CompletionReceipt(
                settlement.ReceiptId,
                settlement.Fee.ToString(),
                [.. settlement.Lines.Select(line => new CompletionLine(line.Account, line.Role, line.Amount.ToString()))]));
}
