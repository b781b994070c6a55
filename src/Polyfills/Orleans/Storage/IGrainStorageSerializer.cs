namespace Orleans.Storage;

/// <summary>States as bytes.</summary>
public interface IGrainStorageSerializer
{
    BinaryData Serialize<T>(T? input);
    T? Deserialize<T>(BinaryData input);
}
