using OpenLedger.Attribution;
using OpenLedger.Datanets;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Hosting;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Grains.Attribution;

/// <summary>One adapter's artefacts in memory. Used by the attribution thread alone.</summary>
sealed class AnswerAttributor
{
    /// <summary>Shortest run of tokens that is shown as a passage.</summary>
    const int PassageTokensMin = 2;

    readonly ModelFolder _model;
    readonly LoraAdapter _adapter;
    readonly AnswerGradients[] _gradients;
    readonly InfluenceIndex _influence;
    readonly SpanIndex _span;
    readonly IReadOnlyList<DatanetRow> _rows;
    readonly string[] _owners;
    readonly string _datanetId;
    readonly TimeProvider _clock;

    AnswerAttributor(
        ModelFolder model,
        IReadOnlyList<LoraAdapter> checkpoints,
        InfluenceIndex influence,
        SpanIndex span,
        IReadOnlyList<DatanetRow> rows,
        string datanetId,
        TimeProvider clock)
    {
        _model = model;
        _adapter = checkpoints[^1];
        _gradients = [.. checkpoints.Select(each => new AnswerGradients(model.Weights, each, AttributionRecipe.Selection))];
        _influence = influence;
        _span = span;
        _rows = rows;
        _owners = [.. rows.Select(row => row.Contributor)];
        _datanetId = datanetId;
        _clock = clock;
    }

    /// <exception cref="UserErrorException">An artefact is missing, damaged, or of another adapter.</exception>
    public static AnswerAttributor Load(ModelFolder model, AdapterManifest manifest, IBlobStore blobs, TimeProvider clock)
    {
        var artefacts = manifest.AttributionHashes;
        var influence = InfluenceIndex.Read(new MemoryStream(Read(AttributionRecipe.InfluenceArtefact)));
        var span = SpanIndex.Read(new MemoryStream(Read(AttributionRecipe.SpanArtefact)));
        var rows = RowCodec.Read(Read(AttributionRecipe.RowsArtefact));
        if (influence.RowCount != rows.Count || span.RowCount != rows.Count)
        {
            throw new RefusedException(
                $"The attribution artefacts of job {manifest.JobId} hold {influence.RowCount} and {span.RowCount} rows "
                + $"where the Datanet's version has {rows.Count}.");
        }

        var checkpoints = new List<LoraAdapter>();
        for (var index = 0; index < influence.CheckpointCount; index++)
        {
            var name = AttributionRecipe.CheckpointArtefact + index;
            checkpoints.Add(AdapterPackage.FromBytes(Read(name), name, model.Config, null));
        }

        return new AnswerAttributor(model, checkpoints, influence, span, rows, manifest.DatanetId, clock);

        byte[] Read(string name) => artefacts.TryGetValue(name, out var hash)
            ? blobs.ReadVerified(ContentHash.Parse(hash))
            : throw new RefusedException($"The manifest of job {manifest.JobId} names no artefact '{name}'.");
    }

    /// <summary>Scores an answer. The prompt conditions the gradient; no token of it is compared with anything.</summary>
    public AttributionResult Attribute(AttributionQuery query)
    {
        var started = _clock.GetTimestamp();
        var answer = query.AnswerTokens.ToArray();
        var example = RowTokens.Example(query.PromptTokens, answer);
        var influence = _influence.Scores([.. _gradients.Select(gradients => Gradient(gradients, example))]);
        var span = _span.Scores(answer);

        // The noise is this answer's own: a learned answer has a small gradient, and those of unrelated answers, which are large,
        // say nothing of it.
        var noise = CreditCalculator.MedianMagnitude(influence);
        var credits = CreditCalculator.Compute(influence, noise, span, AttributionRecipe.Policy);
        var paid = CreditCalculator.Highest(credits, AttributionRecipe.CreditsMax);
        var paidRows = paid.Select(credit => credit.Row).ToHashSet();
        var payable = credits.Select(credit => paidRows.Contains(credit.Row) ? credit : credit with { Weight = 0 }).ToArray();
        var contributors = CreditCalculator.ByContributor(payable, _owners)
            .Select(each => new ContributorScore(each.Account, each.Influence, each.Span, each.Combined, each.Weight));
        return new AttributionResult(
            AttributionMethods.Name,
            [.. paid.Select(credit => Row(credit, answer))],
            [.. contributors],
            Reserve(example, answer.Length),
            _clock.GetElapsedTime(started).TotalMilliseconds);
    }

    static float[] Gradient(AnswerGradients gradients, TrainingExample example)
    {
        var gradient = new float[gradients.RowLength];
        gradients.Compute([example], gradient);
        return gradient;
    }

    int Reserve(TrainingExample example, int answerTokenCount)
    {
        var adapter = Evaluation.AnswerLoss(_model.Weights, _adapter, [example], null);
        var plain = Evaluation.AnswerLoss(_model.Weights, null, [example], null);
        return BaseReserve.Millionths(-adapter.NegativeLogLikelihood, -plain.NegativeLogLikelihood, answerTokenCount);
    }

    RowCredit Row(UnitCredit credit, int[] answer)
    {
        var row = _rows[credit.Row];
        var match = _span.Matches(answer, credit.Row, PassageTokensMin, countMax: 1).FirstOrDefault();
        var passage = match is null ? "" : _model.Tokenizer.Decode(answer.AsSpan(match.AnswerStart, match.Length));
        return new RowCredit(
            _datanetId, row.Id, row.Contributor, credit.Influence, credit.Span, credit.Combined, credit.Weight, passage);
    }
}
