namespace OpenLedger.Grains.Identity;

/// <summary>
/// Verifies who asks a grain for a change: signature, network, this very grain, method and arguments, and time. Whether the account may
/// do it is the grain's to say: <see cref="VerifiedRequest.RequireAccount"/>. Called before anything else that a method does.
/// </summary>
public sealed class RequestVerifier
{
    /// <summary>How every refusal for want of a valid authorisation begins.</summary>
    public const string Refusal = "Not authorised: ";

    readonly NetworkAuthority _network;
    readonly TimeProvider _clock;

    public RequestVerifier(NetworkAuthority network, TimeProvider clock)
    {
        _network = network;
        _clock = clock;
    }

    /// <summary>The verifier's time, in ms since 1970.</summary>
    public long NowMs => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Verifies that this call of this grain was authorised, by whoever it says.</summary>
    /// <typeparam name="TGrain">The interface that was called.</typeparam>
    /// <param name="key">The grain's own key.</param>
    /// <param name="method">The method's name in code, by <c>nameof</c>.</param>
    /// <param name="body">Of the call's other arguments as they arrived, by <see cref="RequestBody"/>.</param>
    /// <exception cref="RefusedException">It was not: the message begins with <see cref="Refusal"/> and says why.</exception>
    public VerifiedRequest Verify<TGrain>(string key, string method, Authorization? authorization, ContentHash body)
        where TGrain : IGrain
    {
        var terms = TermsOf(authorization);
        var target = RequestTarget.Of<TGrain>(key, method);
        if (terms.Target != target)
        {
            throw Refused($"the request was signed for {Shown(terms.Target)}, and this is {target}");
        }

        if (terms.Body != body)
        {
            throw Refused("the request's contents are not those that were signed");
        }

        CheckSignature(authorization!, terms);
        if (terms.WhyNotAt(NowMs) is { } reason)
        {
            throw Refused($"the request does not hold now: {reason}");
        }

        return new VerifiedRequest(terms);
    }

    /// <summary>
    /// Verifies that an account allowed spending within another grain's request. The grain that took the request has checked its time
    /// and contents and vouches for them with the network's own authorisation beside this one.
    /// </summary>
    /// <exception cref="RefusedException">The signature is not the account's.</exception>
    public VerifiedRequest VerifySpending(Authorization authorization)
    {
        var terms = TermsOf(authorization);
        CheckSignature(authorization, terms);
        return new VerifiedRequest(terms);
    }

    internal static RefusedException Refused(string reason) => new($"{Refusal}{reason}.");

    RequestTerms TermsOf(Authorization? authorization)
    {
        if (authorization is null || authorization.Signature.IsEmpty)
        {
            throw Refused("the request is not signed; sign it with the account's key");
        }

        if (authorization is not { Account: not null, Target: not null, Nonce.Length: RequestTerms.NonceSizeBytes }
            || authorization.BodyHash.Length != ContentHash.SizeBytes)
        {
            throw Refused("the authorisation is not of the form that is signed");
        }

        return authorization.ToTerms(_network.Network);
    }

    void CheckSignature(Authorization authorization, RequestTerms terms)
    {
        if (!Holds(authorization, terms))
        {
            throw Refused(
                $"the signature is not that of {Shown(terms.Account)} over this request to the network {_network.Network}");
        }
    }

    bool Holds(Authorization authorization, RequestTerms terms)
    {
        byte[] bytes;
        try
        {
            bytes = terms.ToBytes();
        }
        catch (ArgumentException)
        {
            // A text is too long or no Unicode: nobody can have signed it.
            return false;
        }

        return terms.Account == NetworkKey.Account
            ? _network.Proves(bytes, authorization.Signature.Span)
            : AccountAddress.TryParse(terms.Account, out var address)
                && Ed25519.Verify(address.PublicKey(), bytes, authorization.Signature.Span);
    }

    static string Shown(string text) => text.Length <= 160 ? text : text[..160] + "…";
}

/// <summary>A request that was verified: who asked, and with what nonce.</summary>
public sealed class VerifiedRequest
{
    internal VerifiedRequest(RequestTerms terms)
    {
        Account = terms.Account;
        SpendMax = terms.SpendMax;
        ExpiresMs = terms.ExpiresMs;
        Target = terms.Target;
        Nonce = $"{terms.Account}/{Convert.ToHexStringLower(terms.Nonce.Span)}";
        Digest = ContentHash.Of(terms.ToBytes()).Hex;
    }

    /// <summary>Who asked: an address, or <see cref="NetworkKey.Account"/>.</summary>
    public string Account { get; }

    /// <summary>Whether the network itself asked, as one grain asks another.</summary>
    public bool IsNetwork => Account == NetworkKey.Account;

    /// <summary>The most that may be taken from the account for this request.</summary>
    public Amount SpendMax { get; }

    /// <summary>When it stops to hold, in ms since 1970.</summary>
    public long ExpiresMs { get; }

    internal string Target { get; }

    /// <summary>The account's nonce; of one account no two requests share one.</summary>
    internal string Nonce { get; }

    /// <summary>Hash of all that was signed: equal for exact repetitions alone.</summary>
    internal string Digest { get; }

    /// <summary>Refuses everybody but one account.</summary>
    /// <param name="account">Who may.</param>
    /// <param name="what">What that account is, for the message: "the Datanet's owner".</param>
    /// <param name="orNetwork">Whether the network's own grains may too.</param>
    /// <exception cref="RefusedException">Another account signed.</exception>
    public VerifiedRequest RequireAccount(string account, string what, bool orNetwork = false) =>
        Account == account || (orNetwork && IsNetwork)
            ? this
            : throw RequestVerifier.Refused($"only {what}, {account}, may do this, and {Account} signed it");

    /// <summary>Refuses everybody but the network's own grains and hosts.</summary>
    /// <exception cref="RefusedException">An account signed.</exception>
    public VerifiedRequest RequireNetwork() => IsNetwork
        ? this
        : throw RequestVerifier.Refused($"only the network itself may do this, and {Account} signed it");
}
