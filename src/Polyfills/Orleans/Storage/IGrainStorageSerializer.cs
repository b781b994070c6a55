using System.Text.Json;

namespace Orleans.Storage;

/// <summary>States as bytes.</summary>
public interface IGrainStorageSerializer
{
    BinaryData Serialize<T>(T? input);
    T? Deserialize<T>(BinaryData input);
}

/// <summary>Where no other serializer is given: what is public, as JSON.</summary>
sealed class JsonGrainStorageSerializer : IGrainStorageSerializer
{
    static readonly JsonSerializerOptions Options = new() { IncludeFields = true };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input, Options);
}
