using System.Net;
using System.Text;
using OpenLedger.Ledger;

namespace OpenLedger.Cli.Monitoring;

/// <summary>A log as it is served over HTTP below a prefix; answers are bounded in size and time.</summary>
sealed class HttpLogSource : ILogSource, IDisposable
{
    const int TileBytesMax = 1 << 18;

    static readonly TimeSpan answerMax = TimeSpan.FromSeconds(10);

    readonly HttpClient _http = new() { Timeout = answerMax };
    readonly string _prefix;

    /// <param name="prefix">The log's address, such as <c>https://ledger.example/log</c>.</param>
    public HttpLogSource(string prefix) => _prefix = Address(prefix).ToString().TrimEnd('/');

    public async Task<string?> ReadCheckpoint(CancellationToken cancellation) => await ReadNote($"{_prefix}/checkpoint", cancellation);

    public Task<byte[]?> ReadTile(LogTile tile, CancellationToken cancellation) =>
        Read($"{_prefix}/{tile.Path}", TileBytesMax, cancellation);

    /// <summary>A checkpoint at an address of its own; null where there is none.</summary>
    public async Task<string?> ReadNote(string url, CancellationToken cancellation) =>
        await Read(url, ITileStore.CheckpointSizeBytesMax, cancellation) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <exception cref="UserErrorException">Not an address.</exception>
    public static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UserErrorException($"'{url}' is not an address of a log; take https://ledger.example/log, say.");

    public void Dispose() => _http.Dispose();

    async Task<byte[]?> Read(string url, int bytesMax, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new LogUnreachableException($"{url} answers {(int)response.StatusCode}");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            var buffer = new byte[bytesMax + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            return length <= bytesMax
                ? buffer[..length]
                : throw new LogUnreachableException($"{url} answers with more than {bytesMax} bytes");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new LogUnreachableException($"{url} cannot be reached: {exception.Message}", exception);
        }
        catch (TaskCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new LogUnreachableException($"{url} does not answer within {answerMax.TotalSeconds:0} s", exception);
        }
    }
}
