using OpenLedger.Client;
using OpenLedger.Grains.Attribution;

namespace OpenLedger.Cli.Demo;

/// <summary>Counts how often answers were exact, and how often each signal credits the true contributor most.</summary>
sealed class DemoTally
{
    readonly DemoNetwork _network;
    readonly DemoBaselines _baselines;
    readonly List<double> _attributionMilliseconds = [];
    int _asked;
    int _exact;
    int _influence;
    int _span;
    int _combined;
    int _random;
    int _promptOverlap;
    long _tokens;
    TimeSpan _elapsed;

    public DemoTally(DemoNetwork network, DemoBaselines baselines)
    {
        _network = network;
        _baselines = baselines;
    }

    public double ExactShare => Share(_exact);

    public double TokensPerSecond => Math.Round(_tokens / _elapsed.TotalSeconds, 1);

    public double AttributionMillisecondsMedian =>
        _attributionMilliseconds.Count == 0
            ? 0
            : Math.Round(_attributionMilliseconds.Order().ElementAt(_attributionMilliseconds.Count / 2), 2);

    public DemoOwnerFirst OwnerFirst() =>
        new(Share(_influence), Share(_span), Share(_combined), Share(_random), Share(_promptOverlap));

    public void Add(DemoQuestion question, Answer answer)
    {
        var owner = _network.Contributors[question.Owner].Address;
        _asked++;
        _exact += answer.Text.Trim() == question.Answer.Trim() ? 1 : 0;
        _tokens += answer.Settlement.CompletionTokenCount;
        _elapsed += answer.GenerationTime;
        _random += _baselines.Random() == question.Owner ? 1 : 0;
        _promptOverlap += _baselines.PromptOverlap(question.Prompt) == question.Owner ? 1 : 0;
        if (answer.Settlement.Attribution is not { } attribution)
        {
            return;
        }

        _attributionMilliseconds.Add(attribution.Milliseconds);
        _influence += First(attribution, score => score.Influence) == owner ? 1 : 0;
        _span += First(attribution, score => score.Span) == owner ? 1 : 0;
        _combined += First(attribution, score => score.Credit) == owner ? 1 : 0;
    }

    /// <summary>The contributor with the highest positive value, alone at the top; a tie names nobody.</summary>
    static string? First(AttributionResult attribution, Func<ContributorScore, double> value)
    {
        var best = attribution.Contributors.OrderByDescending(value).Take(2).ToList();
        return best.Count > 0 && value(best[0]) > 0 && (best.Count == 1 || value(best[1]) < value(best[0])) ? best[0].Contributor : null;
    }

    double Share(int count) => _asked == 0 ? 0 : Math.Round((double)count / _asked, 4);
}
