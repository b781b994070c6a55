using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Client;

/// <summary>
/// Signs what a client asks for. The network's name, which every signature covers, is that of <see cref="OpenLedgerClient"/>'s caller, or
/// is asked for once.
/// </summary>
public sealed class RequestSigner
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly AccountKeys _keys;
    volatile string? _network;

    internal RequestSigner(IGrainFactory grains, Repetition repetition, AccountKeys keys, string? network)
    {
        _grains = grains;
        _repetition = repetition;
        _keys = keys;
        _network = network;
    }

    /// <summary>The keys at hand.</summary>
    public AccountKeys Keys => _keys;

    /// <summary>Signs a call of a grain's method once: repetitions of the call carry the same signature.</summary>
    /// <param name="account">Who signs; null for the first key.</param>
    /// <param name="key">The grain's key.</param>
    /// <param name="method">The method's name in code, by <c>nameof</c>.</param>
    /// <param name="body">Of the call's other arguments, by <see cref="RequestBody"/>.</param>
    /// <param name="spendMax">The most that may be taken from the account for it; null for nothing.</param>
    /// <exception cref="UserErrorException">The account's key is not at hand.</exception>
    public async Task<Authorization> Sign<TGrain>(
        string? account, string key, string method, ContentHash body, Amount? spendMax = null)
        where TGrain : IGrain => _keys.Of(account).Authorize<TGrain>(await Network(), key, method, body, spendMax);

    async Task<string> Network() =>
        _network ??= await _repetition.Run(() => _grains.GetGrain<ILedgerGrain>(Books.Main).GetOrigin());
}
