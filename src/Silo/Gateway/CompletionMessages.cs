using System.Text.Json.Serialization;

namespace OpenLedger.Silo.Gateway;

/// <summary>Body of <c>POST /v1/completions</c>, with the names of the OpenAI API.</summary>
public sealed record CompletionBody
{
    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public long? Seed { get; init; }

    /// <summary>A string or a list of strings.</summary>
    public System.Text.Json.JsonElement? Stop { get; init; }

    public bool? Stream { get; init; }

    /// <summary>The account that pays; it may be left out. Naming another than the one that signed is refused.</summary>
    public string? User { get; init; }
}

/// <summary>An answer, or in a stream a piece of one.</summary>
public sealed record CompletionAnswer(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    CompletionUsage? Usage,
    CompletionReceipt? Openledger);

public sealed record CompletionChoice(int Index, string Text, string? FinishReason);

public sealed record CompletionUsage(int PromptTokens, int CompletionTokens, int TotalTokens);

/// <summary>Who was paid for an answer.</summary>
/// <param name="Fee">OPEN, with 18 decimals.</param>
public sealed record CompletionReceipt(string ReceiptId, string Fee, IReadOnlyList<CompletionLine> Split);

public sealed record CompletionLine(string Account, string Role, string Amount);

public sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

/// <param name="Parent">Of an adapter, its base model.</param>
public sealed record ModelEntry(string Id, string Object, string OwnedBy, string? Parent, string ContentHash);

/// <param name="Network">The log's origin, which every signature covers.</param>
public sealed record NetworkName(string Network);

public sealed record GatewayError(GatewayErrorBody Error);

public sealed record GatewayErrorBody(string Message, string Type);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionBody))]
[JsonSerializable(typeof(CompletionAnswer))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(NetworkName))]
[JsonSerializable(typeof(GatewayError))]
sealed partial class GatewayJson : JsonSerializerContext;
