using System.Net;
using System.Text.RegularExpressions;
using OpenLedger.Silo.Console;
using OpenLedger.Silo.Tests.Gateway;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>Who may see the operators' pages.</summary>
[Collection(RunningGateway.Name)]
public sealed partial class OperatorPolicyTests(RunningGateway gateway)
{
    const string Token = "correct-horse-battery-staple";
    const string Elsewhere = "192.0.2.7";
    const string Negotiate = "/_blazor/negotiate?negotiateVersion=1";

    [Fact]
    public async Task Without_a_token_this_machine_is_let_in_and_no_other()
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);

        (await Status(host, "/")).Should().Be(HttpStatusCode.OK);
        using var refused = await host.Get("/", (RemoteAddress.Header, Elsewhere), ("Accept", "text/html"));

        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("OpenLedger:Console:OperatorToken");
        (await Status(host, Negotiate, HttpMethod.Post)).Should().Be(HttpStatusCode.OK);
        (await Status(host, Negotiate, HttpMethod.Post, (RemoteAddress.Header, Elsewhere))).Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Host", "console.attacker.example")]
    [InlineData("Origin", "http://attacker.example")]
    [InlineData("Origin", "null")]
    public async Task Without_a_token_neither_a_proxy_nor_a_foreign_page_passes_for_this_machine(string header, string value)
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);
        (await Status(host, "/", headers: (header, value))).Should().Be(HttpStatusCode.Forbidden);
        (await Status(host, Negotiate, HttpMethod.Post, (header, value))).Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData(Elsewhere)]
    public async Task With_a_token_whoever_has_not_signed_in_is_led_to_the_sign_in_page(string address)
    {
        await using var host = await ConsoleHost.Start(Token);

        using var browser = await host.Get("/", (RemoteAddress.Header, address), ("Accept", "text/html"));
        browser.StatusCode.Should().Be(HttpStatusCode.Redirect);
        browser.Headers.Location!.OriginalString.Should().Be("/sign-in");

        (await Status(host, "/", headers: (RemoteAddress.Header, address))).Should().Be(HttpStatusCode.Unauthorized);
        (await Status(host, Negotiate, HttpMethod.Post, (RemoteAddress.Header, address))).Should().Be(HttpStatusCode.Unauthorized);
        using var page = await host.Get("/sign-in", (RemoteAddress.Header, address));
        page.StatusCode.Should().Be(HttpStatusCode.OK);
        (await page.Content.ReadAsStringAsync()).Should().Contain("name=\"token\"").And.NotContain(Token);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_the_right_one_lets_in_until_one_signs_out()
    {
        await using var host = await ConsoleHost.Start(Token);

        using var wrong = await SignIn(host, Token + "s");
        wrong.Headers.Location!.OriginalString.Should().Be("/sign-in?refused=true");
        (await Status(host, "/", headers: (RemoteAddress.Header, Elsewhere))).Should().Be(HttpStatusCode.Unauthorized);
        using (var page = await host.Get("/sign-in?refused=true"))
        {
            (await page.Content.ReadAsStringAsync()).Should().Contain("not the token");
        }

        using var right = await SignIn(host, Token);
        right.Headers.Location!.OriginalString.Should().Be("/");
        var cookie = right.Headers.GetValues("Set-Cookie").Single(each => each.StartsWith("openledger-operator", StringComparison.Ordinal));
        cookie.Should().ContainEquivalentOf("httponly").And.ContainEquivalentOf("samesite=strict").And.NotContain(Token);
        (await Status(host, "/", headers: (RemoteAddress.Header, Elsewhere))).Should().Be(HttpStatusCode.OK);
        (await Status(host, Negotiate, HttpMethod.Post, (RemoteAddress.Header, Elsewhere))).Should().Be(HttpStatusCode.OK);

        using var signedOut = await host.Send(HttpMethod.Post, "/operators/sign-out", []);
        (await Status(host, "/", headers: (RemoteAddress.Header, Elsewhere))).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_foreign_page_can_neither_sign_in_nor_use_the_cookie_of_one_who_has()
    {
        await using var host = await ConsoleHost.Start(Token);
        const string Foreign = "http://attacker.example";
        using var login = await SignIn(host, Token, ("Origin", Foreign));
        login.StatusCode.Should().Be(HttpStatusCode.Forbidden);

        using var right = await SignIn(host, Token);
        (await Status(host, Negotiate, HttpMethod.Post, ("Origin", Foreign))).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_token_is_in_no_log_however_much_is_logged()
    {
        await using var host = await ConsoleHost.Start(Token);
        using var wrong = await SignIn(host, "wrong-horse-battery-staple");
        using var right = await SignIn(host, Token);
        (await Status(host, "/")).Should().Be(HttpStatusCode.OK);

        host.Log.Lines.Should().HaveCountGreaterThan(10).And.NotContain(line => line.Contains(Token, StringComparison.Ordinal));
        host.Log.Lines.Should().NotContain(line => line.Contains("wrong-horse", StringComparison.Ordinal));
        new ConsoleOptions { OperatorToken = Token }.ToString().Should().NotContain(Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public async Task A_token_that_can_be_guessed_is_refused_at_start_and_not_repeated(string token)
    {
        var act = () => ConsoleHost.Start(token);
        (await act.Should().ThrowAsync<UserErrorException>().WithMessage("*OpenLedger:Console:OperatorToken*16*"))
            .Which.Message.Should().NotContain("short");
    }

    [Fact]
    public async Task On_a_silo_the_console_and_the_Orleans_dashboard_are_behind_the_policy_and_the_gateway_is_not()
    {
        foreach (var (path, status) in new[] { ("/", 403), ("/orleans/", 403), ("/sign-in", 200), ("/v1/models", 200) })
        {
            (await Ask(path, Elsewhere)).Should().Be(status, path);
            (await Ask(path, "127.0.0.1")).Should().Be(200, path);
        }
    }

    [Fact]
    public async Task Pages_may_load_and_run_nothing_from_elsewhere_and_nothing_inline()
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);
        using var page = await host.Get("/");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("default-src 'none'").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe");
        var html = await page.Content.ReadAsStringAsync();
        html.Should().NotMatchRegex("(src|href)=\"(https?:)?//");
        InlineScript().Matches(html).Should().BeEmpty();
    }

    async Task<int> Ask(string path, string address)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Server.Url + path);
        request.Headers.Add(RemoteAddress.Header, address);
        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    static async Task<HttpStatusCode> Status(
        ConsoleHost host, string path, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        using var response = await host.Send(method ?? HttpMethod.Get, path, null, headers);
        return response.StatusCode;
    }

    static Task<HttpResponseMessage> SignIn(ConsoleHost host, string token, params (string Name, string Value)[] headers) => host.Send(
        HttpMethod.Post,
        "/operators/sign-in",
        [new KeyValuePair<string, string>("token", token)],
        [(RemoteAddress.Header, Elsewhere), .. headers]);

    [GeneratedRegex("<script(?![^>]*src=)|<style|style=\"|\\son[a-z]+=\"")]
    private static partial Regex InlineScript();
}
