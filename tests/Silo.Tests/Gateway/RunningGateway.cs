using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpenLedger.Client;
using OpenLedger.Grains.Identity;
using OpenLedger.Silo.Gateway;
using OpenLedger.Silo.Tests.Console;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Gateway;

/// <summary>A silo with HTTP on a free port and a deployed adapter, shared by tests that run one after another.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    public const string Name = "running gateway";

    readonly TemporaryFolder _folder = new();
    readonly HttpClient _http = new();
    GatewayServer? _server;

    internal GatewayServer Server => _server!;

    internal OpenLedgerClient Client => SampleNetwork.Connect(Server.Grains);

    public async ValueTask InitializeAsync()
    {
        _server = await GatewayServer.Start(Options(_folder), "http://127.0.0.1:0", RemoteAddress.Pretend);
        _http.BaseAddress = new Uri(Server.Url);
        await SampleNetwork.Play(Server.Services);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal static SiloOptions Options(TemporaryFolder folder) => new()
    {
        DataFolder = folder.At("data"),
        Models = new Dictionary<string, string>(StringComparer.Ordinal) { [TinyModel.Id] = TinyModel.Write(folder.At("models")) },
    };

    internal Task<HttpResponseMessage> Get(string path) => _http.GetAsync(new Uri(path, UriKind.Relative));

    internal Task<HttpResponseMessage> Complete(object body, string? requestId = null, string? authorization = null) =>
        Post(JsonSerializer.Serialize(body), requestId, authorization);

    internal async Task<HttpResponseMessage> Post(string body, string? requestId = null, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };

        // The server answers a body that is too long before it has it all: asking first keeps the answer from meeting a half-sent body.
        request.Headers.ExpectContinue = body.Length > 100_000;
        if (requestId is not null)
        {
            request.Headers.Add("Idempotency-Key", requestId);
        }

        if (authorization is not null)
        {
            request.Headers.Add(AuthorizationHeader.Name, authorization);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    internal static async Task<JsonElement> Json(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}

[CollectionDefinition(RunningGateway.Name)]
public sealed class RunningGatewayCollection : ICollectionFixture<RunningGateway>;
