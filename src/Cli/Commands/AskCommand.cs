using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Cli.Keys;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger ask</c>: a question to a silo over HTTP, paid by an account whose key is here.</summary>
static class AskCommand
{
    const int TokensDefault = 64;

    public static Command Build()
    {
        var prompt = new Argument<string>("prompt") { Description = "The prompt, as the model gets it." };
        var model = new Option<string>("--model")
        {
            Description = "A model id (md_…) or an adapter id (ad_…); /v1/models lists them.",
            Required = true,
        };
        var url = new Option<string>("--url")
        {
            Description = "The silo's address.",
            DefaultValueFactory = _ => "http://127.0.0.1:7070",
        };
        var tokens = new Option<int>("--max-tokens")
        {
            Description = "Tokens of the answer at most.",
            DefaultValueFactory = _ => TokensDefault,
        };
        var spend = new Option<string>("--spend")
        {
            Description = "The most that may be taken for the answer, in OPEN. What it costs is less: see the receipt.",
            DefaultValueFactory = _ => "1",
        };
        var network = new Option<string?>("--network")
        {
            Description = "The network's name, which the signature covers: its log's origin. Without it, the silo is asked for it.",
        };
        var key = CommonOptions.Key();
        var passphrase = CommonOptions.PassphraseFile();
        var command = new Command(
            "ask", "Ask a model over HTTP and pay with an account's key. The key stays here; only a signature is sent.")
        {
            prompt, model, key, passphrase, url, tokens, spend, network,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            if (!Uri.TryCreate(result.GetRequiredValue(url), UriKind.Absolute, out var address))
            {
                throw new UserErrorException($"'{result.GetRequiredValue(url)}' is not an address; take http://127.0.0.1:7070, say.");
            }

            using var payer = KeyFiles.Open(result.GetRequiredValue(key), result.GetValue(passphrase));
            using var http = new HttpClient { BaseAddress = address };
            var request = new InferenceRequest(
                IdSource.Secure().Next("rq"),
                payer.Address,
                result.GetRequiredValue(model),
                result.GetRequiredValue(prompt),
                result.GetValue(tokens),
                new Sampling(),
                []);
            var answer = await Ask(
                http, payer, request, Amount.Parse(result.GetRequiredValue(spend)), result.GetValue(network), cancellationToken);
            Console.WriteLine(answer.Choices[0].Text.Trim());
            if (answer.Openledger is { } receipt)
            {
                await Console.Error.WriteLineAsync($"paid {receipt.Fee} OPEN, receipt {receipt.ReceiptId}");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    static async Task<AskAnswer> Ask(
        HttpClient http, AccountKey payer, InferenceRequest request, Amount spend, string? network, CancellationToken cancellationToken)
    {
        try
        {
            network ??= (await http.GetFromJsonAsync("/v1/network", AskJson.Default.AskNetwork, cancellationToken))?.Network
                ?? throw new UserErrorException("The silo did not say which network it is of: name it with --network.");
            var signed = payer.Authorize<IInferenceGrain>(
                network, GrainKeys.OfRequest(request.RequestId), nameof(IInferenceGrain.Complete), RequestBody.Of(request), spend);
            using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
            {
                Content = JsonContent.Create(
                    new AskBody(request.Model, request.Prompt, request.MaxTokens), AskJson.Default.AskBody),
            };
            message.Headers.Add("Idempotency-Key", request.RequestId);
            message.Headers.Add(AuthorizationHeader.Name, AuthorizationHeader.Format(signed));
            using var response = await http.SendAsync(message, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var problem = await response.Content.ReadFromJsonAsync(AskJson.Default.AskProblem, cancellationToken);
                throw new UserErrorException(problem?.Error?.Message ?? $"The silo answered with status {(int)response.StatusCode}.");
            }

            return await response.Content.ReadFromJsonAsync(AskJson.Default.AskAnswer, cancellationToken)
                ?? throw new UserErrorException("The silo's answer is empty.");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            throw new UserErrorException($"{http.BaseAddress} did not answer as a silo does: {exception.Message}", exception);
        }
    }
}

sealed record AskNetwork(string Network);

sealed record AskBody(string Model, string Prompt, int MaxTokens);

sealed record AskAnswer(IReadOnlyList<AskChoice> Choices, AskReceipt? Openledger);

sealed record AskChoice(string Text);

sealed record AskReceipt(string ReceiptId, string Fee);

sealed record AskProblem(AskProblemBody? Error);

sealed record AskProblemBody(string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AskNetwork))]
[JsonSerializable(typeof(AskBody))]
[JsonSerializable(typeof(AskAnswer))]
[JsonSerializable(typeof(AskProblem))]
sealed partial class AskJson : JsonSerializerContext;
