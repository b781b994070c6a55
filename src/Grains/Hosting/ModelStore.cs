using System.Collections.Concurrent;
using OpenLedger.Grains.Models;
using OpenLedger.Inference;

namespace OpenLedger.Grains.Hosting;

/// <summary>Base models of this silo, loaded once from the blob store and shared by serving, training and attribution.</summary>
public sealed class ModelStore
{
    /// <summary>Most base models in memory; one more is refused, as nothing may evict a model that is being served.</summary>
    const int ModelsMax = 4;

    const int FilesMax = 16;

    readonly IBlobStore _blobs;
    readonly string _cacheFolder;
    readonly ConcurrentDictionary<string, Lazy<ModelFolder>> _models = new(StringComparer.Ordinal);

    /// <param name="cacheFolder">Where the blobs of a model are laid out as files, so that they can be mapped.</param>
    public ModelStore(IBlobStore blobs, string cacheFolder)
    {
        _blobs = blobs;
        _cacheFolder = cacheFolder;
    }

    /// <summary>The model behind a card, loaded on first use.</summary>
    public ModelFolder Get(ModelCard card) => Get(card.Files);

    /// <summary>The model made of files that lie in the blob store.</summary>
    /// <param name="files">File name to content hash.</param>
    /// <exception cref="UserErrorException">A blob is missing, or the files do not make a model.</exception>
    public ModelFolder Get(IReadOnlyDictionary<string, string> files)
    {
        if (files.Count is 0 or > FilesMax || files.Keys.Any(name => Path.GetFileName(name) != name || name.StartsWith('.')))
        {
            throw new RefusedException(
                $"A model has 1 to {FilesMax} files with plain names; these were named: {string.Join(", ", files.Keys)}.");
        }

        var key = string.Join('\n', files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key} {file.Value}"));
        if (!_models.ContainsKey(key) && _models.Count >= ModelsMax)
        {
            throw new BusyException($"This silo holds {ModelsMax} base models and takes no more.");
        }

        var model = _models.GetOrAdd(key, _ => new Lazy<ModelFolder>(() => Load(key, files)));
        try
        {
            return model.Value;
        }
        catch
        {
            // A failed load is forgotten, so that the next request tries again.
            _models.TryRemove(new KeyValuePair<string, Lazy<ModelFolder>>(key, model));
            throw;
        }
    }

    ModelFolder Load(string key, IReadOnlyDictionary<string, string> files)
    {
        var folder = Path.Combine(_cacheFolder, ContentHash.OfText(key).Hex[..32]);
        Directory.CreateDirectory(folder);
        foreach (var (name, hash) in files)
        {
            var path = Path.Combine(folder, name);
            var content = _blobs.ReadVerified(ContentHash.Parse(hash));
            if (File.Exists(path) && new FileInfo(path).Length == content.Length)
            {
                continue;
            }

            var temporary = path + ".partial";
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }

        return ModelFolder.Load(folder);
    }
}
