using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using OpenLedger.Silo.Gateway;
using OpenLedger.Silo.Tests.Gateway;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>What the pages need besides themselves.</summary>
[Collection(RunningGateway.Name)]
public sealed partial class ConsoleAssetTests
{
    [Fact]
    public async Task In_production_every_script_and_style_of_every_page_is_served_and_none_is_empty()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        await using var server = await GatewayServer.Start(
            options, "http://127.0.0.1:0", builder => builder.Environment.EnvironmentName = Environments.Production);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var page in new[] { "/", "/sign-in" })
        {
            var html = await http.GetStringAsync(new Uri(page, UriKind.Relative));
            found.UnionWith(Reference().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups["address"].Value)));
        }

        found.Should().Contain(each => each.EndsWith("blazor.web.js", StringComparison.Ordinal))
            .And.Contain(each => each.Contains("console.css", StringComparison.Ordinal))
            .And.Contain(each => each.Contains("console.js", StringComparison.Ordinal));
        foreach (var address in found)
        {
            using var response = await http.GetAsync(new Uri(address.TrimStart('/'), UriKind.Relative));
            response.StatusCode.Should().Be(HttpStatusCode.OK, address);
            (await response.Content.ReadAsByteArrayAsync()).Should().NotBeEmpty(address);
            response.Content.Headers.ContentType!.MediaType.Should().BeOneOf("text/css", "text/javascript", "image/svg+xml");
        }
    }

    [Fact]
    public async Task An_asset_that_has_not_changed_is_not_sent_again()
    {
        await using var host = await ConsoleHost.Start(operatorToken: null);
        using var first = await host.Get("/_framework/blazor.web.js");
        using var second = await host.Get("/_framework/blazor.web.js", ("If-None-Match", first.Headers.ETag!.Tag));
        second.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [GeneratedRegex("<(?:script|link)[^>]*(?:src|href)=\"(?<address>[^\"]+)\"")]
    private static partial Regex Reference();
}
