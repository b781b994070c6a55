using OpenLedger.Economy;

namespace OpenLedger.Grains.Governance;

/// <summary>
/// The governed parameters, as this silo's grains and services read them: asked for at most once a second, and not older than that where
/// governance answers. Whoever settles takes one value and uses it throughout.
/// </summary>
public sealed class ParameterCache
{
    /// <summary>An executed proposal is in force everywhere after this.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(1);

    /// <summary>While governance does not answer, the last values serve this long; then the failure is passed on.</summary>
    public static readonly TimeSpan AgeMaxUnanswered = TimeSpan.FromMinutes(1);

    readonly IGrainFactory _grains;
    readonly TimeProvider _clock;
    volatile Entry? _entry;

    public ParameterCache(IGrainFactory grains, TimeProvider clock)
    {
        _grains = grains;
        _clock = clock;
    }

    /// <exception cref="UnavailableException">Governance does not answer, nor did it in the last minute; likewise a timeout.</exception>
    public async ValueTask<NetworkParameters> Get()
    {
        var entry = _entry;
        if (entry is not null && _clock.GetElapsedTime(entry.Timestamp) < AgeMax)
        {
            return entry.Parameters;
        }

        try
        {
            var timestamp = _clock.GetTimestamp();
            var message = await _grains.GetGrain<IGovernanceGrain>(Networks.Main).GetParameters();
            var parameters = ParameterMessages.ToParameters(message);
            _entry = new Entry(parameters, timestamp);
            return parameters;
        }
        catch (Exception exception) when (
            Repetition.IsPassing(exception) && entry is not null && _clock.GetElapsedTime(entry.Timestamp) < AgeMaxUnanswered)
        {
            return entry.Parameters;
        }
    }

    sealed record Entry(NetworkParameters Parameters, long Timestamp);
}
