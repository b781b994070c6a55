using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Training;

/// <summary>
/// One training job. The work runs on the training thread; the grain keeps the state machine. A job that a stop interrupted starts
/// over when the grain is next activated, and a reminder activates it without being asked: training is deterministic by seed, so it
/// ends in the same adapter.
/// </summary>
sealed class TrainingJobGrain : Grain, ITrainingJobGrain, IRemindable
{
    const int CurvePointsMaxPerCall = 1_000;

    /// <summary>Wakes a job that is under way and has lost its silo.</summary>
    internal const string ResumeReminder = "resume";

    const int HeldOutBytesMax = 1_000_000;

    static readonly TimeSpan keepAlivePeriod = TimeSpan.FromSeconds(30);
    static readonly TimeSpan resumePeriod = TimeSpan.FromMinutes(1);

    readonly IPersistentState<TrainingJobState> _state;
    readonly TrainingHost _host;
    readonly IBlobStore _blobs;
    readonly LineageReader _lineage;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly RequestVerifier _requests;
    TrainingRun? _run;

    public TrainingJobGrain(
        [PersistentState("training-job")] IPersistentState<TrainingJobState> state,
        TrainingHost host,
        IBlobStore blobs,
        LineageReader lineage,
        NetworkLedger ledger,
        NetworkAuthority network,
        RequestVerifier requests)
    {
        _lineage = lineage;
        _ledger = ledger;
        _network = network;
        _requests = requests;
        _state = state;
        _host = host;
        _blobs = blobs;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.TrainingJob, "a training job");
        await base.OnActivateAsync(cancellationToken);
        if (IsUnderWay)
        {
            await Launch();
        }
    }

    /// <summary>Being called is what matters: the activation has launched the job again. One that has ended needs no waking.</summary>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (!IsUnderWay)
        {
            await ForgetReminder();
        }
    }

    public async Task<TrainingStatus> Start(TrainingSpecification specification, Authorization authorization)
    {
        // Neither here nor below is a nonce kept: a job is started once and cancelled once, and the same request finds it so.
        _requests.Verify<ITrainingJobGrain>(this.GetPrimaryKeyString(), nameof(Start), authorization, RequestBody.Of(specification))
            .RequireAccount(specification.Account, "the account that trains");
        var state = _state.State;
        if (state.Specification is { } earlier)
        {
            return SameJob(earlier, specification)
                ? Status()
                : throw new RefusedException($"Job {this.GetPrimaryKeyString()} was started with another specification already.");
        }

        if (specification.HeldOutRows is { Length: > HeldOutBytesMax } rows)
        {
            throw new RefusedException($"The held-out rows have {rows.Length:N0} bytes; at most {HeldOutBytesMax:N0} are taken.");
        }

        // The grant is checked before anything is queued: no reading without it.
        await OpenVersion(specification);
        await GrainFactory.GetGrain<IModelGrain>(specification.ModelId).GetCard();

        // The adapter's owner, and those of what it is derived from, are paid with every answer: their accounts are open beforehand.
        var lineage = await _lineage.OfAdapter(specification);
        await _ledger.OpenAccounts([specification.Account, .. (lineage ?? []).Select(node => node.Owner)]);
        state.Lineage = [.. lineage ?? []];
        state.HeldOutHash = specification.HeldOutRows is { Length: > 0 } heldOut ? _blobs.Put(heldOut.Span).ToString() : "";
        state.Specification = specification with { HeldOutRows = null };
        state.Stage = TrainingState.Queued;
        await _state.WriteStateAsync();
        try
        {
            await Launch();
        }
        catch (BusyException)
        {
            // Not taken: the job is as if it had never been asked for, and may be started again.
            _state.State = new TrainingJobState();
            await _state.WriteStateAsync();
            await ForgetReminder();
            throw;
        }

        return Status();
    }

    public Task<TrainingStatus> GetStatus() => Task.FromResult(Status());

    public Task<IReadOnlyList<TrainingPoint>> GetCurve(int from) =>
        Task.FromResult(_run?.Points(from, CurvePointsMaxPerCall) ?? []);

    public async Task Cancel(Authorization authorization)
    {
        var request = _requests.Verify<ITrainingJobGrain>(
            this.GetPrimaryKeyString(), nameof(Cancel), authorization, RequestBody.Nothing);
        if (_state.State.Specification is { } specification)
        {
            request.RequireAccount(specification.Account, "the account that trains");
        }

        if (IsUnderWay)
        {
            _run?.Cancel();
            _state.State.Stage = TrainingState.Cancelled;
            await _state.WriteStateAsync();
            await ForgetReminder();
        }
    }

    bool IsUnderWay => _state.State.Stage is TrainingState.Queued or TrainingState.Running or TrainingState.Evaluating;

    async Task ForgetReminder()
    {
        if (await this.GetReminder(ResumeReminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    async Task Launch()
    {
        var specification = _state.State.Specification!;
        var version = await OpenVersion(specification);
        var model = await GrainFactory.GetGrain<IModelGrain>(specification.ModelId).GetCard();
        await this.RegisterOrUpdateReminder(ResumeReminder, resumePeriod, resumePeriod);
        _run = _host.Start(new TrainingOrder(this.GetPrimaryKeyString(), specification, model, version, _state.State.HeldOutHash));
        _state.State.Stage = TrainingState.Running;
        await _state.WriteStateAsync();

        // The timer keeps the activation, and with it the curve, while the work runs elsewhere.
        var timer = this.RegisterGrainTimer(
            _ =>
            {
                DelayDeactivation(2 * keepAlivePeriod);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, keepAlivePeriod));
        _ = Follow(_run, timer);
    }

    /// <summary>Waits for the run beside other turns, then records how it ended.</summary>
    async Task Follow(TrainingRun run, IGrainTimer timer)
    {
        var state = _state.State;
        try
        {
            var outcome = await run.Completion;
            if (state.Stage != TrainingState.Cancelled)
            {
                await Publish(state.Specification!.AdapterId, outcome.Manifest with
                {
                    Lineage = state.Lineage.Count > 0 ? [.. state.Lineage] : null,
                    RoyaltyBasisPoints = state.Specification!.RoyaltyBasisPoints,
                });
            }

            if (state.Stage == TrainingState.Cancelled)
            {
                // Cancelled before or while it was published: the cancellation is what was answered, and it stands.
                return;
            }

            state.Stage = TrainingState.Completed;
            state.Evaluation = outcome.Evaluation;
            (state.LossFirst, state.LossLast, state.StepCount) = (run.LossFirst, run.LossLast, run.StepCount);
        }
        catch (OperationCanceledException)
        {
            // Cancelled, which is recorded already; or the silo is stopping, and the job starts over with the next activation.
            return;
        }
        catch (Exception exception)
        {
            state.Stage = TrainingState.Failed;
            state.Error = exception.Message;
        }
        finally
        {
            timer.Dispose();
        }

        await _state.WriteStateAsync();
        await ForgetReminder();
    }

    Task Publish(string adapterId, AdapterManifest manifest) => GrainFactory.GetGrain<IAdapterGrain>(adapterId).Publish(
        manifest, _network.Authorize<IAdapterGrain>(adapterId, nameof(IAdapterGrain.Publish), RequestBody.Of(manifest)));

    async Task<DatanetVersionCard> OpenVersion(TrainingSpecification specification) =>
        await GrainFactory.GetGrain<IDatanetGrain>(specification.DatanetId)
            .OpenVersion(specification.DatanetVersion, specification.Account);

    TrainingStatus Status()
    {
        var state = _state.State;
        var running = _run is not null && state.Stage == TrainingState.Running;
        return new TrainingStatus(
            this.GetPrimaryKeyString(),
            running && _run!.Evaluating ? TrainingState.Evaluating : state.Stage,
            _run?.Step ?? state.StepCount,
            _run?.StepCount ?? state.StepCount,
            _run?.LossFirst ?? state.LossFirst,
            _run?.LossLast ?? state.LossLast,
            _run?.Stage ?? "",
            state.Error.Length > 0 ? state.Error : null,
            state.Evaluation);
    }

    bool SameJob(TrainingSpecification earlier, TrainingSpecification now)
    {
        var heldOut = now.HeldOutRows is { Length: > 0 } rows ? ContentHash.Of(rows.Span).ToString() : "";
        return earlier == now with { HeldOutRows = null } && heldOut == _state.State.HeldOutHash;
    }
}

/// <summary>What a training job's grain keeps.</summary>
[GenerateSerializer, Alias("openledger.training.state")]
public sealed class TrainingJobState
{
    [Id(0)] public TrainingState Stage { get; set; }

    [Id(1)] public TrainingSpecification? Specification { get; set; }

    /// <summary>Blob of the held-out rows, or empty.</summary>
    [Id(2)] public string HeldOutHash { get; set; } = "";

    [Id(3)] public TrainingEvaluation? Evaluation { get; set; }

    [Id(4)] public string Error { get; set; } = "";

    [Id(5)] public double LossFirst { get; set; }

    [Id(6)] public double LossLast { get; set; }

    [Id(7)] public int StepCount { get; set; }

    /// <summary>What the adapter is derived from, itself first; empty where from nothing.</summary>
    [Id(20)] public List<LineageNode> Lineage { get; set; } = [];
}
