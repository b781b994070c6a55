using System.Text;
using OpenLedger.Economy;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Inference;

/// <summary>What was served to one request so far.</summary>
sealed class ServedAnswer
{
    readonly List<int> _promptTokens = [];
    readonly List<int> _answerTokens = [];
    readonly StringBuilder _text = new();

    public ServedAnswer(InferenceRequest request, ModelCard model, AdapterCard? adapter, NetworkParameters parameters)
    {
        Request = request;
        Model = model;
        Adapter = adapter;
        FeeSplit = parameters.FeeSplit;
        Pricing = adapter?.Rates is { } rates ? new Pricing(rates.PromptToken, rates.CompletionToken) : parameters.Pricing;
    }

    public InferenceRequest Request { get; }

    public ModelCard Model { get; }

    public AdapterCard? Adapter { get; }

    /// <summary>The rates at the request's start: later changes concern later requests.</summary>
    public Pricing Pricing { get; }

    /// <summary>The split at the request's start.</summary>
    public FeeSplit FeeSplit { get; }

    public IReadOnlyList<int> PromptTokens => _promptTokens;

    /// <summary>Every token that was generated, the end token included where one was.</summary>
    public IReadOnlyList<int> AnswerTokens => _answerTokens;

    public string Text => _text.ToString();

    public void Add(GenerationChunk chunk)
    {
        _promptTokens.AddRange(chunk.PromptTokens);
        _answerTokens.AddRange(chunk.Tokens);
        _text.Append(chunk.Text);
    }
}
