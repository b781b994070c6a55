namespace OpenLedger.Training.Corpora;

/// <summary>One document of a pretraining corpus; the trainer surrounds it with the begin and end tokens.</summary>
/// <param name="Id">Where the text came from: a synset such as <c>n14052046</c>, or a file with a line.</param>
/// <param name="Text">Plain prose without a final newline.</param>
public sealed record CorpusDocument(string Id, string Text);
