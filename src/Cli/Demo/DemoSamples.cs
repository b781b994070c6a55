using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Datanets;

namespace OpenLedger.Cli.Demo;

/// <summary>One sample Datanet as it lies on disk.</summary>
sealed record DemoSamples(SampleDatanet Datanet, IReadOnlyList<SampleFile> Files, byte[] HeldOut)
{
    const string HeldOutName = "held-out.jsonl";
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
            var heldOut = ReadBounded(Path.Combine(folder, HeldOutName));
            _ = RowParser.Parse(HeldOutName, heldOut);
            return new DemoSamples(datanet, files, heldOut);
        }
        catch (JsonException exception)
        {
            var place = exception.LineNumber is { } line ? $", line {line + 1}, column {exception.BytePositionInLine + 1}" : "";
            throw new UserErrorException(
                $"{path}{place}: this is not the card of a Datanet: an object with name, title, description, licence and contributors.",
                exception);
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

        // The parser that contributions go through: a fault is named by file, line and column before anything has started.
        var file = RowParser.Parse(Path.GetFileName(path), content);
        return new SampleFile(file.FileName, contributor.Name, content, [.. file.Rows.Select(row => SampleRow.Of(file.FileName, row))]);
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

sealed record SampleRow(string Term, string Phrasing, string Prompt, string Answer)
{
    public static SampleRow Of(string fileName, ParsedRow parsed)
    {
        return new SampleRow(Field("term"), Field("phrasing"), parsed.Row.Prompt, parsed.Row.Answer);

        string Field(string name) => parsed.Row.Field(name)
            ?? throw new UserErrorException($"{fileName}, line {parsed.Line}: a row of a sample has the field '{name}'.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SampleDatanet))]
sealed partial class SampleJson : JsonSerializerContext;
