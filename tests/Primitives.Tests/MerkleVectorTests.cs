using System.Text.Json;

namespace OpenLedger.Primitives.Tests;

/// <summary>Vectors of transparency-dev/merkle: most of them must fail.</summary>
public sealed class MerkleVectorTests
{
    static readonly JsonSerializerOptions options = new() { PropertyNameCaseInsensitive = true };

    static string Folder => Environment.GetEnvironmentVariable("MERKLE_VECTORS") is { Length: > 0 } named
        ? named
        : Path.Combine(AppContext.BaseDirectory, "MerkleVectors");

    public static TheoryData<string> Inclusions => Files("inclusion");

    public static TheoryData<string> Consistencies => Files("consistency");

    public static TheoryData<string> SubtreeInclusions => Files("subtreeinclusion");

    public static TheoryData<string> SubtreeConsistencies => Files("subtreeconsistency");

    [Theory]
    [MemberData(nameof(Inclusions))]
    public void Inclusion_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = Read<InclusionVector>(file);
        var valid = TryHashes([vector.LeafHash, vector.Root, .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifyInclusion(vector.LeafIdx, vector.TreeSize, hashes[0], hashes[2..], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Theory]
    [MemberData(nameof(Consistencies))]
    public void Consistency_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = Read<ConsistencyVector>(file);
        var valid = TryHashes([vector.Root1, vector.Root2, .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifyConsistency(vector.Size1, vector.Size2, hashes[2..], hashes[0], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Theory]
    [MemberData(nameof(SubtreeInclusions))]
    public void Subtree_inclusion_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = Read<SubtreeInclusionVector>(file);
        var valid = TryHashes([vector.LeafHash, vector.Root, .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifySubtreeInclusion(vector.LeafIdx, vector.Start, vector.End, hashes[0], hashes[2..], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Theory]
    [MemberData(nameof(SubtreeConsistencies))]
    public void Subtree_consistency_proof_is_judged_as_its_vector_says(string file)
    {
        var vector = Read<SubtreeConsistencyVector>(file);
        var valid = TryHashes([Root(vector.Root1), Root(vector.Root2), .. vector.Proof ?? []], out var hashes)
            && Merkle.VerifySubtreeConsistency(vector.Start, vector.End, vector.Size, hashes[2..], hashes[0], hashes[1]);
        valid.Should().Be(!vector.WantErr, vector.Desc);
    }

    [Fact]
    public void No_folder_of_vectors_is_empty_and_of_all_vectors_more_fail_than_hold()
    {
        Inclusions.Should().HaveCountGreaterThanOrEqualTo(52);
        Consistencies.Should().HaveCountGreaterThanOrEqualTo(53);
        SubtreeInclusions.Should().HaveCountGreaterThanOrEqualTo(96);
        SubtreeConsistencies.Should().HaveCountGreaterThanOrEqualTo(60);
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

    static T Read<T>(string file) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path.Combine(Folder, file)), options)!;

    // Some vectors have words where a root should be, as one that no tree has: any other hash says the same.
    static string? Root(string? text)
    {
        var bytes = Convert.FromBase64String(text ?? "");
        return bytes.Length == ContentHash.SizeBytes ? text : Convert.ToBase64String(ContentHash.Of([0xff, .. bytes]).ToArray());
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

    sealed record SubtreeInclusionVector(
        ulong LeafIdx, ulong Start, ulong End, string? Root, string? LeafHash, string[]? Proof, string Desc, bool WantErr);

    sealed record SubtreeConsistencyVector(
        ulong Start, ulong End, ulong Size, string? Root1, string? Root2, string[]? Proof, string Desc, bool WantErr);
}
