using System.Text;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Inference;

/// <summary>What was served to one request so far.</summary>
sealed class ServedAnswer
{
    readonly List<int> _promptTokens = [];
    readonly List<int> _answerTokens = [];
    readonly StringBuilder _text = new();

    public ServedAnswer(InferenceRequest request, ModelCard model, AdapterCard? adapter)
    {
        Request = request;
        Model = model;
        Adapter = adapter;
    }

    public InferenceRequest Request { get; }

    public ModelCard Model { get; }

    public AdapterCard? Adapter { get; }

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
