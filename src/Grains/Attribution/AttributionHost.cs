using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Attribution;

/// <summary>This silo's attribution thread: answers are scored one at a time, beside serving.</summary>
public sealed class AttributionHost : IDisposable
{
    const int QueueMax = 4_096;

    readonly WorkThread _thread = new("attribution", QueueMax);
    readonly ModelStore _models;
    readonly IBlobStore _blobs;
    readonly TimeProvider _clock;

    public AttributionHost(ModelStore models, IBlobStore blobs, TimeProvider clock)
    {
        _models = models;
        _blobs = blobs;
        _clock = clock;
    }

    /// <summary>Reads an adapter's artefacts into memory.</summary>
    internal Task<AnswerAttributor> Load(ModelCard model, AdapterManifest manifest, CancellationToken cancellationToken) =>
        _thread.Run(_ => AnswerAttributor.Load(_models.Get(model), manifest, _blobs, _clock), cancellationToken);

    internal Task<AttributionResult> Attribute(AnswerAttributor attributor, AttributionQuery query) =>
        _thread.Run(_ => attributor.Attribute(query));

    public void Dispose() => _thread.Dispose();
}
