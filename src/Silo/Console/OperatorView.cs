using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Silo.Console;

/// <summary>
/// Asks the management grain and the ledger, which answer for the whole cluster, and this silo's own hosts and call counts.
/// </summary>
sealed class OperatorView : IOperatorView
{
    const int ReceiptsMax = 12;
    const int TypesMax = 50;
    const int SilosMax = 50;
    const int AdaptersMax = 50;
    const int JobsMax = 16;
    const int CurvePointsMax = 80;

    static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    static readonly string[] systemAccounts =
    [
        SystemAccounts.Treasury, SystemAccounts.Platform, SystemAccounts.Stakers, SystemAccounts.Reserve, SystemAccounts.Escrow,
        SystemAccounts.Mint, SystemAccounts.Burn,
    ];

    readonly IGrainFactory _grains;
    readonly ILocalSiloDetails _silo;
    readonly ServingHost _serving;
    readonly TrainingHost _training;
    readonly TimeProvider _clock;
    readonly CallRates _calls;
    LatestReceipts? _receipts;
    long _receiptsLogSize = -1;

    public OperatorView(
        IGrainFactory grains,
        ILocalSiloDetails silo,
        ServingHost serving,
        TrainingHost training,
        CallCounter calls,
        TimeProvider clock)
    {
        _grains = grains;
        _silo = silo;
        _serving = serving;
        _training = training;
        _clock = clock;
        _calls = new CallRates(calls, clock);
    }

    public async Task<OperatorSnapshot> Take(CancellationToken cancellationToken)
    {
        var management = _grains.GetGrain<IManagementGrain>(0);
        var ledger = _grains.GetGrain<ILedgerGrain>(Books.Main);
        var hosts = Ask("The cluster's membership", async () => new Hosts(await management.GetHosts()), cancellationToken);
        var activations = Ask("The management grain", management.GetSimpleGrainStatistics, cancellationToken);
        var balances = Ask("The ledger", () => ledger.GetBalances(systemAccounts), cancellationToken);
        var book = await Ask("The ledger", ledger.GetSummary, cancellationToken);
        var receipts = book.Value is null
            ? new Part<LatestReceipts>(null, book.Failure)
            : await Ask("The ledger", () => Receipts(ledger, book.Value.LogSize), cancellationToken);
        var statistics = await activations;
        return new OperatorSnapshot(
            _clock.GetUtcNow(),
            _silo.Name,
            _silo.SiloAddress.ToString(),
            Silos(await hosts, statistics),
            Grains(statistics),
            Adapters(),
            Training(),
            book,
            receipts,
            await balances);
    }

    /// <summary>The receipts, asked for again only when the log has grown.</summary>
    async Task<LatestReceipts> Receipts(ILedgerGrain ledger, long logSize)
    {
        if (_receipts is null || _receiptsLogSize != logSize)
        {
            _receipts = await ledger.GetLatestReceipts(ReceiptsMax);
            _receiptsLogSize = logSize;
        }

        return _receipts;
    }

    Part<SiloList> Silos(Part<Hosts> hosts, Part<SimpleGrainStatistic[]> activations)
    {
        if (hosts.Value is not { } found)
        {
            return new Part<SiloList>(null, hosts.Failure);
        }

        var counts = (activations.Value ?? [])
            .GroupBy(each => each.SiloAddress).ToDictionary(each => each.Key, each => each.Sum(type => (long)type.ActivationCount));
        var silos = found.Status
            .Select(host => new SiloFigures(
                host.Key.ToString(),
                host.Value.ToString(),
                counts.GetValueOrDefault(host.Key),
                host.Key.Equals(_silo.SiloAddress)))
            .OrderByDescending(silo => silo.Status == nameof(SiloStatus.Active))
            .ThenByDescending(silo => silo.IsThis)
            .ThenBy(silo => silo.Address, StringComparer.Ordinal)
            .ToList();
        return new Part<SiloList>(new SiloList(silos.Count, [.. silos.Take(SilosMax)]), null);
    }

    Part<GrainList> Grains(Part<SimpleGrainStatistic[]> activations)
    {
        var calls = _calls.Read();
        if (activations.Value is not { } statistics)
        {
            return new Part<GrainList>(null, activations.Failure);
        }

        var byType = statistics.ToLookup(each => ClassName(each.GrainType), StringComparer.Ordinal);
        var types = byType.Select(each => each.Key).Union(calls.Keys, StringComparer.Ordinal)
            .Select(name => new GrainFigures(
                name[(name.LastIndexOf('.') + 1)..],
                name,
                byType[name].Sum(each => (long)each.ActivationCount),
                byType[name].Where(each => each.SiloAddress.Equals(_silo.SiloAddress)).Sum(each => (long)each.ActivationCount),
                calls.GetValueOrDefault(name)))
            .OrderByDescending(type => type.IsOurs)
            .ThenByDescending(type => type.ActivationCount)
            .ThenByDescending(type => type.Calls?.Count ?? 0)
            .ThenBy(type => type.Name, StringComparer.Ordinal)
            .ToList();
        var list = new GrainList(types.Count, types.Sum(type => type.ActivationCount), [.. types.Take(TypesMax)]);
        return new Part<GrainList>(list, null);
    }

    AdapterList Adapters()
    {
        var residents = _serving.Residents;
        return new AdapterList(
            residents.Count,
            residents.Sum(resident => resident.SizeBytes),
            [
                .. residents.OrderByDescending(resident => resident.SizeBytes)
                    .ThenBy(resident => resident.AdapterId, StringComparer.Ordinal).Take(AdaptersMax),
            ]);
    }

    TrainingList Training()
    {
        var runs = _training.LatestRuns();
        return new TrainingList(runs.Count(run => !run.Completion.IsCompleted), [.. runs.Take(JobsMax).Select(Job)]);
    }

    static TrainingFigures Job(TrainingRun run)
    {
        var completion = run.Completion;
        var outcome = completion.IsCompletedSuccessfully ? TrainingOutcomeKind.Completed
            : completion.IsCanceled ? TrainingOutcomeKind.Cancelled
            : completion.IsFaulted ? TrainingOutcomeKind.Failed
            : TrainingOutcomeKind.UnderWay;
        var curve = run.Outline(CurvePointsMax);
        var specification = run.Order.Specification;
        return new TrainingFigures(
            run.Order.JobId,
            specification.AdapterId,
            specification.DatanetId,
            specification.DatanetVersion,
            specification.ModelId,
            outcome,
            outcome == TrainingOutcomeKind.UnderWay ? run.Stage : Word(outcome),
            run.Step,
            run.StepCount,
            curve.Count == 0 ? 0 : curve[^1].TokensPerSecond,
            [.. curve.Select(point => point.Loss)],
            completion.Exception?.InnerException?.Message);
    }

    static string Word(TrainingOutcomeKind outcome) => outcome switch
    {
        TrainingOutcomeKind.Completed => "completed",
        TrainingOutcomeKind.Cancelled => "cancelled",
        _ => "failed",
    };

    /// <summary>The class's full name: an engine may put its assembly behind it.</summary>
    static string ClassName(string grainType) => grainType.Split(',')[0];

    async Task<Part<T>> Ask<T>(string whom, Func<Task<T>> question, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return new Part<T>(await question().WaitAsync(patience, _clock, cancellationToken), null);
        }
        catch (TimeoutException)
        {
            return new Part<T>(null, $"{whom} did not answer within {patience.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Part<T>(null, $"{whom} could not be asked: {exception.Message}");
        }
    }

    sealed record Hosts(IReadOnlyDictionary<SiloAddress, SiloStatus> Status);
}
