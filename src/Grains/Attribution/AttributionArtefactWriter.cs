using OpenLedger.Attribution;
using OpenLedger.Grains.Hosting;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Grains.Attribution;

/// <summary>Makes what answers are attributed with: gradients of every row at each checkpoint, and the rows' token index.</summary>
sealed class AttributionArtefactWriter
{
    readonly ModelFolder _model;
    readonly IBlobStore _blobs;
    readonly ComputePool _pool;

    public AttributionArtefactWriter(ModelFolder model, IBlobStore blobs, ComputePool pool)
    {
        _model = model;
        _blobs = blobs;
        _pool = pool;
    }

    /// <returns>Blob of each artefact by name.</returns>
    public Dictionary<string, string> Write(
        IReadOnlyList<LoraAdapter> checkpoints,
        IReadOnlyList<TrainingExample> rows,
        long seed,
        CancellationToken cancellationToken)
    {
        var artefacts = new Dictionary<string, string>(StringComparer.Ordinal);
        InfluenceIndexBuilder? builder = null;
        for (var index = 0; index < checkpoints.Count; index++)
        {
            var gradients = new AnswerGradients(_model.Weights, checkpoints[index], AttributionRecipe.Selection, _pool);
            builder ??= new InfluenceIndexBuilder(
                [.. gradients.Parts.Select(part => part.Length)], rows.Count, AttributionRecipe.Influence(seed));
            var package = AdapterPackage.ToBytes(checkpoints[index]);
            artefacts[AttributionRecipe.CheckpointArtefact + index] = _blobs.Put(package).ToString();
            builder.BeginCheckpoint(ContentHash.Of(package).ToString());
            Each(gradients, rows, gradient => builder.AddRow(gradient), cancellationToken);
            builder.EndCheckpoint(cancellationToken);
        }

        artefacts[AttributionRecipe.InfluenceArtefact] = Put(stream => builder!.Build().Write(stream));
        var answers = rows.Select(row => (IReadOnlyList<int>)row.Tokens.Skip(row.AnswerStart).ToArray()).ToList();
        artefacts[AttributionRecipe.SpanArtefact] = Put(stream => SpanIndex.Build(answers).Write(stream));
        return artefacts;
    }

    delegate void GradientConsumer(ReadOnlySpan<float> gradient);

    static void Each(
        AnswerGradients gradients, IReadOnlyList<TrainingExample> rows, GradientConsumer consume, CancellationToken cancellationToken)
    {
        var buffer = new float[(long)gradients.RowLength * AttributionRecipe.RowsPerChunk];
        foreach (var chunk in rows.Chunk(AttributionRecipe.RowsPerChunk))
        {
            cancellationToken.ThrowIfCancellationRequested();
            gradients.Compute(chunk, buffer.AsMemory(0, gradients.RowLength * chunk.Length));
            for (var row = 0; row < chunk.Length; row++)
            {
                consume(buffer.AsSpan(row * gradients.RowLength, gradients.RowLength));
            }
        }
    }

    string Put(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return _blobs.Put(stream.GetBuffer().AsSpan(0, (int)stream.Length)).ToString();
    }
}
