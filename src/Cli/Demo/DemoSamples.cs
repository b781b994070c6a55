using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenLedger.Cli.Demo;

/// <summary>One sample Datanet as it lies on disk.</summary>
sealed record DemoSamples(SampleDatanet Datanet, IReadOnlyList<SampleFile> Files, byte[] HeldOut)
{
    const int ContributorCountMax = 1_000;
    const long FileSizeBytesMax = 5_000_000;

    public static DemoSamples Read(string folder)
    {
        var path = Path.Combine(folder, "datanet.json");
        if (!File.Exists(path))
        {
            throw new UserErrorException($"There is no sample Datanet at '{folder}': {path} does not exist. Name one with --sample.");
        }

        try
        {
            var datanet = JsonSerializer.Deserialize(File.ReadAllBytes(path), SampleJson.Default.SampleDatanet)
                ?? throw new UserErrorException($"{path} holds no object.");
            if (datanet.Contributors.Count is 0 or > ContributorCountMax)
            {
                throw new UserErrorException(
                    $"{path} names {datanet.Contributors.Count} contributors; 1 to {ContributorCountMax} are taken.");
            }

            var files = datanet.Contributors.Select(each => SampleFile.Read(each, Path.Combine(folder, each.File))).ToList();
            return new DemoSamples(datanet, files, ReadBounded(Path.Combine(folder, "held-out.jsonl")));
        }
        catch (JsonException exception)
        {
            throw new UserErrorException($"{folder}: {exception.Message}", exception);
        }
    }

    public static byte[] ReadBounded(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new UserErrorException($"The sample file '{path}' does not exist.");
        }

        return file.Length <= FileSizeBytesMax
            ? File.ReadAllBytes(path)
            : throw new UserErrorException($"'{path}' has {file.Length:N0} bytes; a contribution has at most {FileSizeBytesMax:N0}.");
    }
}

/// <summary>A contributor's file, as bytes to contribute and as rows to ask about.</summary>
sealed record SampleFile(string Name, string Contributor, byte[] Content, IReadOnlyList<SampleRow> Rows)
{
    public static SampleFile Read(SampleContributor contributor, string path)
    {
        var content = DemoSamples.ReadBounded(path);
        var rows = new List<SampleRow>();
        foreach (var line in System.Text.Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            rows.Add(JsonSerializer.Deserialize(line, SampleJson.Default.SampleRow)
                ?? throw new UserErrorException($"'{path}' has a line without an object."));
        }

        return new SampleFile(Path.GetFileName(path), contributor.Name, content, rows);
    }
}

sealed record SampleDatanet
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string Licence { get; init; }

    public required IReadOnlyList<SampleContributor> Contributors { get; init; }
}

sealed record SampleContributor
{
    public required string Name { get; init; }

    /// <summary>Path of the contributor's rows, relative to the Datanet's folder.</summary>
    public required string File { get; init; }
}

sealed record SampleRow
{
    public required string Term { get; init; }

    public required string Phrasing { get; init; }

    public required string Prompt { get; init; }

    public required string Answer { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SampleDatanet))]
[JsonSerializable(typeof(SampleRow))]
sealed partial class SampleJson : JsonSerializerContext;
