namespace OpenLedger.Bench.Truth;

/// <summary>What <c>truth</c> was asked for.</summary>
/// <param name="Epochs">0 for the recipe's own number.</param>
sealed record TruthSettings(string ModelPath, long Seed, int QuestionCount, int Epochs);
