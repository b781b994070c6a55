using System.Net;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Gateway;

/// <summary>Over HTTP too, an account pays by its own signature and not because somebody names it.</summary>
[Collection(RunningGateway.Name)]
public sealed class PayerTests(RunningGateway gateway)
{
    static readonly string prompt = SampleWords.All[1].Question;

    [Fact]
    public async Task The_local_account_pays_where_nobody_has_signed()
    {
        var (local, caller) = await Balances();
        using var response = await gateway.Complete(Body());
        using var named = await gateway.Complete(Body(user: gateway.Server.LocalAccount));
        var (localAfter, callerAfter) = await Balances();

        (local - localAfter).Should().Be(await Fee(response) + await Fee(named));
        callerAfter.Should().Be(caller);
    }

    [Fact]
    public async Task Naming_another_account_as_user_is_refused_and_nobody_pays()
    {
        var before = await Balances();
        using var response = await gateway.Complete(Body(user: SampleNetwork.Caller));
        (await Refusal(response, HttpStatusCode.BadRequest)).Should().Contain(SampleNetwork.Caller).And.Contain(AuthorizationHeader.Name);
        (await Balances()).Should().Be(before);
    }

    [Fact]
    public async Task An_account_whose_signature_stands_in_the_header_pays_itself()
    {
        const string id = "rq_http_signed";
        var header = await Header(id, SampleNetwork.Keys.Of(SampleNetwork.Caller));
        var (local, caller) = await Balances();

        using var response = await gateway.Complete(Body(), id, header);

        var (localAfter, callerAfter) = await Balances();
        (caller - callerAfter).Should().Be(await Fee(response)).And.BeGreaterThan(Amount.Zero);
        localAfter.Should().Be(local);

        using var replay = await gateway.Complete(Body(), id, header);
        (await Refusal(replay, HttpStatusCode.BadRequest)).Should().Contain("was sent before");
        (await Balances()).Should().Be((localAfter, callerAfter));
    }

    [Fact]
    public async Task A_signature_that_is_not_the_accounts_or_not_over_this_request_is_a_401()
    {
        const string id = "rq_http_forged";
        var before = await Balances();
        using var mallory = SampleNetwork.NewKey("mallory");
        var forged = (await Header(id, mallory)).Replace(mallory.Address, SampleNetwork.Caller, StringComparison.Ordinal);
        var good = await Header(id, SampleNetwork.Keys.Of(SampleNetwork.Caller));
        foreach (var (header, requestId, body) in new[]
        {
            (forged, id, Body()),
            (good, "rq_http_other", Body()),
            (good, id, Body(maxTokens: 8)),
            (good.Replace("max=1.", "max=9.", StringComparison.Ordinal), id, Body()),
        })
        {
            using var response = await gateway.Complete(body, requestId, header);
            (await Refusal(response, HttpStatusCode.Unauthorized, "authentication_error")).Should().StartWith(RequestVerifier.Refusal);
        }

        (await Balances()).Should().Be(before);
    }

    [Theory]
    [InlineData("", "*account is missing*")]
    [InlineData("Bearer abc", "*'Bearer abc' is none of its fields*")]
    [InlineData("account=a, account=b", "*'account=b' is none of its fields*")]
    [InlineData("account=a, nonce=0, issued=1, expires=2, max=1, signature=", "*nonce is 32 hexadecimal digits*")]
    public async Task A_header_that_cannot_be_read_is_a_400_that_says_why(string header, string message)
    {
        using var response = await gateway.Complete(Body(), "rq_http_header", header.Length == 0 ? "nonce=00" : header);
        (await Refusal(response, HttpStatusCode.BadRequest)).Should().Match(message).And.Contain(AuthorizationHeader.Name);
    }

    [Fact]
    public async Task The_local_account_has_a_key_of_its_own()
    {
        var log = (await gateway.Client.Ledger.GetSummary()).LogKey;
        NoteVerifier.Parse(log).PublicKey.ToArray().Should()
            .NotEqual(AccountAddress.Parse(gateway.Server.LocalAccount).PublicKey(), "one key signs for one purpose");
    }

    static object Body(string? user = null, int maxTokens = 24) => new
    {
        model = SampleNetwork.AdapterId,
        prompt,
        max_tokens = maxTokens,
        stop = "\n",
        user,
    };

    async Task<string> Header(string requestId, AccountKey key)
    {
        var request = new InferenceRequest(requestId, key.Address, SampleNetwork.AdapterId, prompt, 24, new Sampling(), ["\n"]);
        if (key.Address != SampleNetwork.Caller)
        {
            // What a forger has to sign is the caller's request.
            request = request with { Payer = SampleNetwork.Caller };
        }

        return AuthorizationHeader.Format(key.Authorize<IInferenceGrain>(
            await gateway.Client.Ledger.GetOrigin(),
            GrainKeys.OfRequest(requestId),
            nameof(IInferenceGrain.Complete),
            RequestBody.Of(request),
            Amount.FromOpen(1)));
    }

    async Task<(Amount Local, Amount Caller)> Balances()
    {
        var balances = await gateway.Client.Ledger.GetBalances([gateway.Server.LocalAccount, SampleNetwork.Caller]);
        return (balances[0].Available, balances[1].Available);
    }

    static async Task<Amount> Fee(HttpResponseMessage response) =>
        Amount.Parse((await RunningGateway.Json(response)).GetProperty("openledger").GetProperty("fee").GetString()!);

    static async Task<string> Refusal(HttpResponseMessage response, HttpStatusCode status, string type = "invalid_request_error")
    {
        response.StatusCode.Should().Be(status);
        var error = (await RunningGateway.Json(response)).GetProperty("error");
        error.GetProperty("type").GetString().Should().Be(type);
        return error.GetProperty("message").GetString()!;
    }
}
