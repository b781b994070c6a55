using System.Net;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>The page as it is first sent, where there is nothing to show.</summary>
public sealed class ConsolePageTests
{
    [Fact]
    public async Task A_source_that_did_not_answer_is_named_in_its_panels_and_the_others_go_on()
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);
        var html = await Page(host);
        Panel(html, "book").Should().Contain("There is no book.").And.Contain("The next look tries again.");
        Panel(html, "balances").Should().Contain("There is no book.");
        Panel(html, "silos").Should().Contain("There is no cluster.");
        Panel(html, "receipts").Should().NotContain("tries again");
    }

    [Fact]
    public async Task Where_there_is_nothing_to_show_the_panel_says_what_to_do()
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);
        var html = await Page(host);
        Panel(html, "receipts").Should().Contain("POST /v1/completions");
        Panel(html, "training").Should().Contain("openledger demo");
        Panel(html, "adapters").Should().Contain("first request");
        Panel(html, "grains").Should().Contain("first request");
    }

    static async Task<string> Page(ConsoleHost host)
    {
        using var response = await host.Get("/");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
    }

    static string Panel(string html, string id)
    {
        var start = html.IndexOf($"id=\"{id}\"", StringComparison.Ordinal);
        start.Should().BePositive(id);
        return html[start..html.IndexOf("</section>", start, StringComparison.Ordinal)];
    }
}
