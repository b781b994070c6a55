using System.Globalization;

namespace OpenLedger.Grains.Identity;

/// <summary>
/// An authorisation as the value of the HTTP header <c>OpenLedger-Authorization</c>:
/// <c>account=acct_…, nonce=…, issued=…, expires=…, max=…, signature=…</c>, nonce in 32 lower-case hex digits, times in ms since 1970,
/// the most that may be spent in OPEN, the signature in base64. Target and body are the request's own and are not repeated.
/// </summary>
public static class AuthorizationHeader
{
    public const string Name = "OpenLedger-Authorization";

    const int CharactersMax = 1_024;
    static readonly string[] fields = ["account", "nonce", "issued", "expires", "max", "signature"];

    public static string Format(Authorization authorization)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"account={authorization.Account}, nonce={Convert.ToHexStringLower(authorization.Nonce.Span)}, "
            + $"issued={authorization.IssuedMs}, expires={authorization.ExpiresMs}, max={authorization.SpendMax}, "
            + $"signature={Convert.ToBase64String(authorization.Signature.Span)}");
    }

    /// <param name="target">What the request calls, by <see cref="RequestTarget"/>.</param>
    /// <param name="body">Of the request, by <see cref="RequestBody"/>.</param>
    /// <exception cref="UserErrorException">The text is not of that form; the message says which field.</exception>
    public static Authorization Parse(string text, string target, ContentHash body)
    {
        var values = Split(text);
        return new Authorization(
            values["account"],
            target,
            Hex(values["nonce"]),
            Milliseconds("issued", values["issued"]),
            Milliseconds("expires", values["expires"]),
            Max(values["max"]),
            body.ToArray(),
            Base64(values["signature"]));
    }

    /// <summary>The account that a header names, whose signature is not checked yet.</summary>
    /// <inheritdoc cref="Parse"/>
    public static string AccountOf(string text) => Split(text)["account"];

    static Dictionary<string, string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Length <= CharactersMax ? text.Split(',', StringSplitOptions.TrimEntries) : [])
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !fields.Contains(part[..equals], StringComparer.Ordinal)
                || !values.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                throw Malformed($"'{part}' is none of its fields");
            }
        }

        return Array.Find(fields, field => !values.ContainsKey(field)) is { } missing
            ? throw Malformed($"{missing} is missing")
            : values;
    }

    static byte[] Hex(string text)
    {
        var bytes = new byte[RequestTerms.NonceSizeBytes];
        return text.Length == 2 * bytes.Length && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? bytes
            : throw Malformed($"nonce is {2 * bytes.Length} hexadecimal digits");
    }

    static byte[] Base64(string text)
    {
        var bytes = new byte[Ed25519.SignatureSizeBytes + 3];
        return Convert.TryFromBase64String(text, bytes, out var count) && count == Ed25519.SignatureSizeBytes
            ? bytes[..count]
            : throw Malformed($"signature is {Ed25519.SignatureSizeBytes} bytes in base64");
    }

    static long Milliseconds(string field, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Malformed($"{field} is a time in milliseconds since 1970");

    static Amount Max(string text) =>
        Amount.TryParse(text, out var amount) ? amount : throw Malformed("max is an amount of OPEN, such as 0.25");

    static UserErrorException Malformed(string problem) => new(
        $"The header {Name} cannot be read: {problem}. It holds {string.Join(", ", fields.Select(field => field + "=…"))}.");
}
