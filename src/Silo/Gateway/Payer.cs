using Microsoft.AspNetCore.Http;
using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;

namespace OpenLedger.Silo.Gateway;

/// <summary>
/// Who pays for a request over HTTP: the account whose signed authorisation stands in the header, or the local account, for which the
/// gateway signs. Nobody pays because somebody else named him.
/// </summary>
sealed class Payer
{
    /// <summary>What the gateway allows to be taken from the local account for one answer.</summary>
    static readonly Amount localSpendMax = Amount.FromOpen(2);

    readonly AccountKey _localKey;
    readonly string _network;

    public Payer(AccountKey localKey, string network)
    {
        _localKey = localKey;
        _network = network;
    }

    /// <summary>The paying account of a request.</summary>
    /// <param name="named">The account that the body names, if it names one.</param>
    /// <exception cref="UserErrorException">The body names another account than the one that signed, or than the local one.</exception>
    public string AccountOf(HttpRequest request, string? named)
    {
        var account = HeaderOf(request) is { } header ? AuthorizationHeader.AccountOf(header) : _localKey.Address;
        if (string.IsNullOrEmpty(named) || named == account)
        {
            return account;
        }

        throw new UserErrorException(AccountAddress.TryParse(named, out _)
            ? $"The field user names {named} as payer, and {account} would pay: an account pays with its own signature, in the header "
                + $"{AuthorizationHeader.Name}. Leave user out, or sign."
            : $"'{named}' is not an account address, which is what the field user holds here.");
    }

    /// <summary>The payer's authorisation of a request.</summary>
    /// <exception cref="UserErrorException">The header cannot be read.</exception>
    public Authorization Authorize(HttpRequest http, InferenceRequest request)
    {
        var key = GrainKeys.OfRequest(request.RequestId);
        var body = RequestBody.Of(request);
        return HeaderOf(http) is { } header
            ? AuthorizationHeader.Parse(header, RequestTarget.Of<IInferenceGrain>(key, nameof(IInferenceGrain.Complete)), body)
            : _localKey.Authorize<IInferenceGrain>(_network, key, nameof(IInferenceGrain.Complete), body, localSpendMax);
    }

    static string? HeaderOf(HttpRequest request) => request.Headers[AuthorizationHeader.Name].FirstOrDefault();
}
