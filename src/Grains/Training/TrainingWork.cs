using OpenLedger.Datanets;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Hosting;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Grains.Training;

/// <summary>One job on the training thread: rows → adapter → evaluation → attribution artefacts → blobs and manifest.</summary>
sealed class TrainingWork
{
    readonly TrainingOrder _order;
    readonly TrainingRun _run;
    readonly ModelStore _models;
    readonly IBlobStore _blobs;
    readonly TimeProvider _clock;

    public TrainingWork(TrainingOrder order, TrainingRun run, ModelStore models, IBlobStore blobs, TimeProvider clock)
    {
        _order = order;
        _run = run;
        _models = models;
        _blobs = blobs;
        _clock = clock;
    }

    public TrainingOutcome Run(CancellationToken cancellationToken)
    {
        var model = _models.Get(_order.Model);
        _run.Enter("reading rows", evaluating: false);
        var rows = RowCodec.Read(_blobs.ReadVerified(ContentHash.Parse(_order.Version.RowsHash)));
        if (rows.Count > AttributionRecipe.RowsMax)
        {
            throw new RefusedException(
                $"The version has {rows.Count:N0} rows; a job of this release attributes to at most {AttributionRecipe.RowsMax:N0}.");
        }

        var examples = rows.Select(row => Example(model, row.Row, $"row {row.Line} of '{row.FileName}'")).ToList();
        var heldOut = HeldOut(model);

        _run.Enter("training", evaluating: false);
        var started = _clock.GetTimestamp();
        var checkpoints = new List<LoraAdapter>();
        var tokens = 0L;
        var adapter = new LoraTrainer(_clock).Train(
            model.Weights,
            examples,
            TrainingRecipe.Options(_order.Specification, _order.Model.Name),
            progress =>
            {
                var elapsed = _clock.GetElapsedTime(started).TotalSeconds;
                tokens = (long)(progress.TokensPerSecond * elapsed);
                var epoch = examples.Count == 0 ? 0 : (double)progress.Epoch;
                _run.Report(
                    new TrainingPoint(progress.Step, epoch, progress.Loss, progress.LearningRate, progress.TokensPerSecond, elapsed),
                    progress.StepCount);
            },
            cancellationToken,
            checkpoint => checkpoints.Add(checkpoint.Adapter));
        var seconds = _clock.GetElapsedTime(started).TotalSeconds;
        if (checkpoints.Count > 0)
        {
            checkpoints.RemoveAt(checkpoints.Count - 1);
        }

        checkpoints.Add(adapter);
        using var pool = new ComputePool(0, "training");
        _run.Enter("evaluating", evaluating: true);
        var evaluation = Evaluate(model, adapter, examples, heldOut, pool, seconds, tokens);
        _run.Enter("writing attribution artefacts", evaluating: true);
        var manifest = Publish(model, adapter, checkpoints, examples, pool, cancellationToken);
        return new TrainingOutcome(manifest, evaluation);
    }

    static TrainingEvaluation Evaluate(
        ModelFolder model,
        LoraAdapter adapter,
        IReadOnlyList<TrainingExample> rows,
        IReadOnlyList<TrainingExample> heldOut,
        ComputePool pool,
        double seconds,
        long tokens)
    {
        return new TrainingEvaluation(
            Perplexity(null, rows), Perplexity(adapter, rows), Perplexity(null, heldOut), Perplexity(adapter, heldOut), seconds, tokens);

        double Perplexity(LoraAdapter? with, IReadOnlyList<TrainingExample> over) =>
            over.Count == 0 ? 0 : Evaluation.AnswerLoss(model.Weights, with, over, pool).Perplexity;
    }

    AdapterManifest Publish(
        ModelFolder model,
        LoraAdapter adapter,
        IReadOnlyList<LoraAdapter> checkpoints,
        IReadOnlyList<TrainingExample> examples,
        ComputePool pool,
        CancellationToken cancellationToken)
    {
        var package = AdapterPackage.ToBytes(adapter);
        var artefacts = new AttributionArtefactWriter(model, _blobs, pool)
            .Write(checkpoints, examples, _order.Specification.Seed, cancellationToken);
        artefacts[AttributionRecipe.RowsArtefact] = _order.Version.RowsHash;
        var specification = _order.Specification;
        return new AdapterManifest(
            specification.ModelId,
            specification.Account,
            _order.JobId,
            specification.DatanetId,
            specification.DatanetVersion,
            _blobs.Put(package).ToString(),
            ContentHash.Of(package).ToString(),
            artefacts);
    }

    List<TrainingExample> HeldOut(ModelFolder model)
    {
        if (_order.HeldOutHash.Length == 0)
        {
            return [];
        }

        var file = RowParser.Parse("held-out.jsonl", _blobs.ReadVerified(ContentHash.Parse(_order.HeldOutHash)));
        return [.. file.Rows.Select(row => Example(model, row.Row, $"held-out row {row.Line}"))];
    }

    static TrainingExample Example(ModelFolder model, Row row, string place)
    {
        var example = RowTokens.Example(model, row);
        return example.Tokens.Length <= model.Config.ContextLength
            ? example
            : throw new RefusedException(
                $"{place} has {example.Tokens.Length} tokens; the model's context is {model.Config.ContextLength}. "
                + "Shorten the row, or train over another model.");
    }
}
