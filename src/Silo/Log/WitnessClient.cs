using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OpenLedger.Ledger;
using OpenLedger.Silo.Configuration;

namespace OpenLedger.Silo.Log;

/// <summary>
/// One witness as the log sees it: submits checkpoints with consistency proofs made of the log's own tiles, and believes no answer that
/// its key did not sign. A witness that fails is asked again at the next checkpoint.
/// </summary>
sealed class WitnessClient
{
    /// <summary>Bytes of an answer: the lines of a few keys.</summary>
    const int AnswerBytesMax = 1 << 14;

    /// <summary>A witness that knows another size says so, and is asked once more from there.</summary>
    const int AttemptsMax = 2;

    readonly HttpClient _http;
    readonly ILogSource _source;
    readonly CosignatureVerifier _key;
    readonly Uri _address;
    readonly TimeSpan _timeout;
    readonly TimeProvider _clock;
    ulong _knownSize;

    public WitnessClient(HttpClient http, WitnessOptions options, TimeSpan timeout, ILogSource source, TimeProvider clock)
    {
        _http = http;
        _source = source;
        _key = CosignatureVerifier.Parse(options.Key);
        _address = new Uri(options.Url.TrimEnd('/') + "/" + AddCheckpoint.Path);
        _timeout = timeout;
        _clock = clock;
    }

    public string Name => _key.Name;

    /// <summary>The witness's cosignature line over a checkpoint, or null and why there is none.</summary>
    public async Task<(string? Line, string? Problem)> Cosign(LogHead head, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await Ask(head, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"does not answer within {_timeout.TotalSeconds:0.###} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UserErrorException or LogFaultException)
        {
            return (null, exception.Message);
        }
    }

    async Task<(string? Line, string? Problem)> Ask(LogHead head, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            using var response = await Post(head, cancellation);
            var body = await ReadBounded(response, cancellation);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return Accept(head, body);
            }

            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return (null, $"refuses with {(int)response.StatusCode}: {Encoding.UTF8.GetString(body).Trim()}");
            }

            var text = Encoding.ASCII.GetString(body);
            if (!ulong.TryParse(text.AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                || size > head.TreeSize)
            {
                return (null, $"says to have seen a tree of '{text.Trim()}' entries; the log has {head.TreeSize}");
            }

            _knownSize = size;
        }

        return (null, "names another size each time");
    }

    async Task<HttpResponseMessage> Post(LogHead head, CancellationToken cancellation)
    {
        IReadOnlyList<ContentHash> proof = [];
        if (_knownSize > 0)
        {
            var tree = new TiledTree(_source, head.TreeSize);
            proof = await tree.ConsistencyProof(_knownSize, cancellation);
        }

        using var content = new ByteArrayContent(new AddCheckpoint(_knownSize, proof, head.Note).ToBytes());
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    (string? Line, string? Problem) Accept(LogHead head, byte[] body)
    {
        var text = SignedNote.Parse(Encoding.UTF8.GetBytes(head.Note)).Text;
        foreach (var signature in SignedNote.ParseSignatures(body))
        {
            if (_key.Verify(text, signature, out var time) && time > 0)
            {
                _knownSize = head.TreeSize;
                return (SignedNote.LineOf(signature), null);
            }
        }

        return (null, $"answered without a cosignature of '{_key.Name}' that holds");
    }

    static async Task<byte[]> ReadBounded(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[AnswerBytesMax + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length <= AnswerBytesMax
            ? buffer[..length]
            : throw new IOException($"the answer has more than {AnswerBytesMax} bytes");
    }
}
