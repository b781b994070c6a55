namespace OpenLedger.Grains.Inference;

/// <summary>What a request may ask for. Everything here is refused before a single atto is reserved.</summary>
static class RequestRules
{
    public const int PromptCharactersMax = 100_000;
    public const int StopStringsMax = 16;
    public const int StopCharactersMax = 200;
    public const int TokensMax = 4_096;
    public const int RequestIdCharactersMax = 100;

    public static void Check(InferenceRequest request)
    {
        Require(
            request.RequestId.Length is > 0 and <= RequestIdCharactersMax,
            $"The request id has 1 to {RequestIdCharactersMax} characters; it makes a repetition recognisable.");
        Require(request.Prompt.Length > 0, "The prompt is empty.");
        Require(
            request.Prompt.Length <= PromptCharactersMax,
            $"The prompt has {request.Prompt.Length:N0} characters; at most {PromptCharactersMax:N0} are taken.");
        Require(request.MaxTokens is > 0 and <= TokensMax, $"max_tokens is {request.MaxTokens}; it lies between 1 and {TokensMax}.");
        Require(
            request.Stop.Count <= StopStringsMax && request.Stop.All(stop => stop.Length is > 0 and <= StopCharactersMax),
            $"At most {StopStringsMax} stop strings of 1 to {StopCharactersMax} characters are taken.");
        var sampling = request.Sampling;
        Require(
            sampling.Temperature is >= 0 and <= 10 && sampling.TopP is > 0 and <= 1 && sampling.TopK >= 0,
            "temperature lies between 0 and 10, top_p above 0 and at most 1, top_k at 0 or above.");
        Require(AccountAddress.TryParse(request.Payer, out _), $"'{request.Payer}' is not an account address.");
    }

    static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new RefusedException(message);
        }
    }
}
