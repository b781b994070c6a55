using System.Diagnostics;
using System.Globalization;

namespace OpenLedger.Cli.Pretraining;

/// <summary>Wall time of a run over all its processes, kept in a small file beside the checkpoint.</summary>
sealed class RunClock
{
    static readonly TimeSpan keepInterval = TimeSpan.FromSeconds(10);

    readonly string _path;
    readonly TimeSpan _earlier;
    readonly Stopwatch _watch = Stopwatch.StartNew();
    TimeSpan _kept;

    public RunClock(string path)
    {
        _path = path;
        var known = File.Exists(path)
            && double.TryParse(File.ReadAllText(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and < 1e9;
        _earlier = known ? TimeSpan.FromSeconds(double.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture)) : TimeSpan.Zero;
    }

    /// <summary>Time of this process.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Time of this process and those before it.</summary>
    public TimeSpan Total => _earlier + _watch.Elapsed;

    public void Keep()
    {
        if (_watch.Elapsed - _kept >= keepInterval)
        {
            File.WriteAllText(_path, Total.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture));
            _kept = _watch.Elapsed;
        }
    }
}
