using System.Net;
using System.Text.Json;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Gateway;

[Collection(RunningGateway.Name)]
public sealed class CompletionTests(RunningGateway gateway)
{
    static readonly SampleWord word = SampleWords.All[0];

    [Fact]
    public async Task A_whole_answer_has_text_usage_and_a_receipt_whose_lines_sum_to_the_fee()
    {
        using var response = await gateway.Complete(Body());
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        var answer = await RunningGateway.Json(response);

        answer.GetProperty("object").GetString().Should().Be("text_completion");
        answer.GetProperty("model").GetString().Should().Be(SampleNetwork.AdapterId);
        var choice = answer.GetProperty("choices")[0];
        choice.GetProperty("text").GetString().Should().NotBeEmpty();
        choice.GetProperty("finish_reason").GetString().Should().BeOneOf("stop", "length");
        var usage = answer.GetProperty("usage");
        usage.GetProperty("total_tokens").GetInt32().Should().Be(
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());

        var receipt = answer.GetProperty("openledger");
        response.Headers.GetValues("OpenLedger-Receipt").Should().Equal(receipt.GetProperty("receipt_id").GetString());
        var lines = receipt.GetProperty("split").EnumerateArray().Select(line => Amount.Parse(line.GetProperty("amount").GetString()!));
        Amount.Sum(lines).Should().Be(Amount.Parse(receipt.GetProperty("fee").GetString()!));
    }

    [Fact]
    public async Task A_stream_is_server_sent_events_that_join_to_the_whole_answer_and_end_with_done()
    {
        using var whole = await gateway.Complete(Body());
        var text = (await RunningGateway.Json(whole)).GetProperty("choices")[0].GetProperty("text").GetString();

        using var response = await gateway.Complete(Body(stream: true));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        events.Should().HaveCountGreaterThan(3).And.OnlyContain(each => each.StartsWith("data: ") && !each.Contains('\n'));
        events[^1].Should().Be("data: [DONE]");
        var pieces = events[..^1].Select(each => JsonDocument.Parse(each["data: ".Length..]).RootElement).ToList();
        string.Concat(pieces.Select(piece => piece.GetProperty("choices")[0].GetProperty("text").GetString())).Should().Be(text);
        pieces.Select(piece => piece.GetProperty("id").GetString()).Distinct().Should().ContainSingle();
        pieces.Count(piece => piece.GetProperty("choices")[0].TryGetProperty("finish_reason", out _)).Should().Be(1);
        pieces.Count(piece => piece.TryGetProperty("usage", out _)).Should().Be(1);
        pieces[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().BePositive();
        pieces[^1].GetProperty("openledger").GetProperty("receipt_id").GetString().Should().StartWith("rc_");
    }

    [Fact]
    public async Task The_receipt_of_an_answer_can_be_fetched_and_verifies_offline()
    {
        using var answer = await gateway.Complete(Body());
        var id = answer.Headers.GetValues("OpenLedger-Receipt").Single();

        using var response = await gateway.Get($"/receipts/{id}");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentDisposition!.FileName.Should().Contain(id);
        var key = (await gateway.Client.Ledger.GetSummary()).LogKey;
        ReceiptVerifier.Verify(await response.Content.ReadAsByteArrayAsync(), key)
            .Should().BeOfType<ValidReceipt>().Which.Receipt.Id.Should().Be(id);
    }

    [Fact]
    public async Task A_repeated_idempotency_key_is_refused_and_charges_nothing()
    {
        using var first = await gateway.Complete(Body(), "rq_http_once");
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        var before = await gateway.Client.Ledger.GetBalances([gateway.Server.LocalAccount]);

        using var second = await gateway.Complete(Body(), "rq_http_once");

        (await Refusal(second)).Should().Contain("rq_http_once").And.Contain(first.Headers.GetValues("OpenLedger-Receipt").Single());
        (await gateway.Client.Ledger.GetBalances([gateway.Server.LocalAccount])).Should().Equal(before);
    }

    [Theory]
    [InlineData("{\"model\":\"md_tiny\",", "*not a valid request*")]
    [InlineData("[1,2]", "*not a valid request*")]
    [InlineData("null", "*body is empty*")]
    [InlineData("{\"prompt\":\"a\"}", "*field model is missing*")]
    [InlineData("{\"model\":\"md_tiny\"}", "*field prompt is missing*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":\"\"}", "*prompt is empty*")]
    [InlineData("{\"model\":\"md_other\",\"prompt\":\"a\"}", "*no model md_other*")]
    [InlineData("{\"model\":\"ad_other\",\"prompt\":\"a\"}", "*no adapter ad_other*")]
    [InlineData("{\"model\":\"gpt\",\"prompt\":\"a\"}", "*'gpt' names no model*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":7}", "*not a valid request*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":\"a\",\"max_tokens\":0}", "*max_tokens is 0*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":\"a\",\"temperature\":-1}", "*temperature*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":\"a\",\"stop\":5}", "*stop is a string or a list of strings*")]
    [InlineData("{\"model\":\"md_tiny\",\"prompt\":\"a\",\"user\":\"me\"}", "*'me' is not an account address*")]
    public async Task A_mistake_is_a_400_with_one_plain_sentence(string body, string message)
    {
        using var response = await gateway.Post(body);
        (await Refusal(response)).Should().Match(message).And.NotContain("\n").And.NotContain("   at ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_prompt_over_the_models_context_is_a_400_streamed_or_not(bool stream)
    {
        using var response = await gateway.Complete(Body(prompt: string.Join(' ', Enumerable.Repeat("zq", 600)), stream: stream));
        (await Refusal(response)).Should().Match("*prompt has*tokens*takes 511*");
    }

    [Fact]
    public async Task A_body_over_a_megabyte_is_refused()
    {
        using var response = await gateway.Complete(Body(prompt: new string('a', 1_100_000)));
        ((int)response.StatusCode).Should().BeOneOf(400, 413);
    }

    [Fact]
    public async Task An_unknown_receipt_is_a_400_that_names_it()
    {
        using var response = await gateway.Get("/receipts/rc_unknown");
        (await Refusal(response)).Should().Contain("rc_unknown");
    }

    static object Body(string? prompt = null, bool stream = false, string? user = null) => new
    {
        model = SampleNetwork.AdapterId,
        prompt = prompt ?? word.Question,
        max_tokens = 24,
        stop = "\n",
        stream,
        user,
    };

    static async Task<Amount> Fee(HttpResponseMessage response) =>
        Amount.Parse((await RunningGateway.Json(response)).GetProperty("openledger").GetProperty("fee").GetString()!);

    static async Task<string> Refusal(HttpResponseMessage response)
    {
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var error = (await RunningGateway.Json(response)).GetProperty("error");
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        return error.GetProperty("message").GetString()!;
    }
}
