using OpenLedger.Datanets;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Grains.Hosting;

/// <summary>How text becomes tokens, the same in training, serving and attribution: begin, prompt, answer, end.</summary>
static class RowTokens
{
    /// <summary>The begin token and the prompt's tokens.</summary>
    public static int[] Prompt(ModelFolder model, string prompt) => [model.Config.BeginTokenId, .. model.Tokenizer.Encode(prompt)];

    /// <summary>The answer's tokens and the end token, where the model has one.</summary>
    public static int[] Answer(ModelFolder model, string answer) =>
        [.. model.Tokenizer.Encode(answer), .. model.Config.EndTokenIds.Take(1)];

    /// <summary>A row to train on; loss counts its answer tokens.</summary>
    public static TrainingExample Example(ModelFolder model, Row row) => Example(Prompt(model, row.Prompt), Answer(model, row.Answer));

    public static TrainingExample Example(IReadOnlyList<int> prompt, IReadOnlyList<int> answer) =>
        new([.. prompt, .. answer], prompt.Count);

    /// <summary>Tokens of a whole row, for the check that it fits the model's context.</summary>
    public static int Count(ModelFolder model, Row row) => Prompt(model, row.Prompt).Length + Answer(model, row.Answer).Length;
}
