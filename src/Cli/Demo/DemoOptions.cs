namespace OpenLedger.Cli.Demo;

/// <summary>What <c>openledger demo</c> was asked for.</summary>
/// <param name="DataFolder">A folder that does not exist yet, or is empty.</param>
/// <param name="ModelFolder">The base model, in Hugging Face layout.</param>
/// <param name="SampleFolder">One sample Datanet: <c>datanet.json</c>, <c>contributors/</c>, <c>held-out.jsonl</c>.</param>
/// <param name="Seed">Draws the questions, the keys and the training order.</param>
/// <param name="QuestionCount">How many questions are asked and paid for.</param>
/// <param name="Epochs">Passes over the rows; 0 takes the default.</param>
sealed record DemoOptions(string DataFolder, string ModelFolder, string SampleFolder, long Seed, int QuestionCount, int Epochs);
