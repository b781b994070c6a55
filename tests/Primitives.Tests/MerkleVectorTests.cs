using System.Text.Json;

namespace OpenLedger.Primitives.Tests;

/// <summary>Vectors of transparency-dev/merkle: most of them must fail.</summary>
public sealed class MerkleVectorTests
{
    static readonly JsonSerializerOptions options = new() { PropertyNameCaseInsensitive = true };

    static string Folder => Environment.GetEnvironmentVariable("MERKLE_VECTORS") is { Length: > 0 } named
        ? named
        : Path.Combine(AppContext.BaseDirectory, "vectors", "merkle");

    public static TheoryData<string> Inclusions => Files("inclusion");

    public static TheoryData<string> Consistencies => Files("consistency");

    [Theory]
    [MemberData(nameof(Inclusions))]
    public void Inclusion_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = JsonSerializer.Deserialize<InclusionVector>(File.ReadAllBytes(Path.Combine(Folder, file)), options)!;
        var valid = TryHashes([vector.LeafHash, vector.Root, .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifyInclusion(vector.LeafIdx, vector.TreeSize, hashes[0], hashes[2..], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Theory]
    [MemberData(nameof(Consistencies))]
    public void Consistency_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = JsonSerializer.Deserialize<ConsistencyVector>(File.ReadAllBytes(Path.Combine(Folder, file)), options)!;
        var valid = TryHashes([vector.Root1, vector.Root2, .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifyConsistency(vector.Size1, vector.Size2, hashes[2..], hashes[0], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Fact]
    public void Some_vectors_hold_and_more_do_not()
    {
        var verdicts = Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Select(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("wantErr").GetBoolean())
            .ToList();
        verdicts.Count(wantErr => !wantErr).Should().BePositive();
        verdicts.Count(wantErr => wantErr).Should().BeGreaterThan(verdicts.Count / 2);
    }

    static TheoryData<string> Files(string kind)
    {
        var files = Directory.GetFiles(Path.Combine(Folder, kind), "*.json", SearchOption.AllDirectories);
        return [.. files.Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];
    }

    static bool TryHashes(string?[] texts, out ContentHash[] hashes)
    {
        hashes = new ContentHash[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            var bytes = Convert.FromBase64String(texts[i] ?? "");
            if (bytes.Length != ContentHash.SizeBytes)
            {
                return false;
            }
            hashes[i] = new ContentHash(bytes);
        }
        return true;
    }

    sealed record InclusionVector(
        ulong LeafIdx, ulong TreeSize, string? Root, string? LeafHash, string[]? Proof, string Desc, bool WantErr);

    sealed record ConsistencyVector(
        ulong Size1, ulong Size2, string? Root1, string? Root2, string[]? Proof, string Desc, bool WantErr);
}
