using System.Security.Cryptography;

namespace OpenLedger.Attribution.Tests;

public sealed class InfluenceIndexFileTests
{
    static readonly float[][] gradients = Gradients.Draw(12, 300, 21);

    static byte[] Stored(out InfluenceIndex index)
    {
        index = Gradients.Index(
            gradients[..10], [200, 100],
            new InfluenceOptions { RowBytesMax = 150, PartLengthMin = 10, SketchSeed = 77, DampingFactor = 0.3 });
        var stream = new MemoryStream();
        index.Write(stream);
        return stream.ToArray();
    }

    // The checksum guards against damage, not against malice: whoever forges a file forges it too.
    static byte[] Forged(byte[] bytes, Action<byte[]> change)
    {
        var forged = bytes.ToArray();
        change(forged);
        SHA256.HashData(forged.AsSpan(0, forged.Length - 32), forged.AsSpan(forged.Length - 32));
        return forged;
    }

    [Fact]
    public void ReadingGivesTheSameScoresBack()
    {
        var bytes = Stored(out var index);

        var read = InfluenceIndex.Read(new MemoryStream(bytes));

        read.Scores(gradients[10]).Should().Equal(index.Scores(gradients[10]));
        read.AdapterHashes.Should().Equal("sha256:test");
        read.Options.DampingFactor.Should().Be(0.3);
        read.Sketch.Seed.Should().Be(77);
        read.Sketch.StoredLengths.Should().Equal(100, 50);
    }

    [Fact]
    public void EveryFlippedByteIsFound()
    {
        var bytes = Stored(out _);
        for (var at = 0; at < bytes.Length; at += at < 120 ? 1 : 37)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x40;
            FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream(damaged)))
                .Should().Throw<ArtefactFormatException>("byte {0} differs", at);
        }
    }

    [Fact]
    public void EveryCutIsFound()
    {
        var bytes = Stored(out _);
        for (var length = 0; length < bytes.Length; length += length < 120 ? 1 : 41)
        {
            var cut = bytes[..length];
            FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream(cut)))
                .Should().Throw<ArtefactFormatException>("{0} bytes are left", length);
            FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream(cut), bytes.Length))
                .Should().Throw<ArtefactFormatException>("{0} bytes are left of those promised", length);
        }
        FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream([.. bytes, 0]))).Should().Throw<ArtefactFormatException>();
    }

    // Offsets of the header: magic 8, damping 8, normalisation 1, seed 8, limit 4, least 4, then counts.
    [Theory]
    [InlineData(33, int.MaxValue)]
    [InlineData(33, 0)]
    [InlineData(33, 1_000_000)]
    [InlineData(37, int.MaxValue)]
    [InlineData(37, -1)]
    [InlineData(41, int.MaxValue)]
    [InlineData(41, -5)]
    [InlineData(45, 1 << 24)]
    [InlineData(49, 1 << 23)]
    [InlineData(25, 1 << 24)]
    [InlineData(29, 0)]
    public void SizesThatLieAreRefusedBeforeTheyAreBelieved(int offset, int value)
    {
        var forged = Forged(Stored(out _), bytes => BitConverter.TryWriteBytes(bytes.AsSpan(offset), value));

        FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream(forged))).Should().Throw<ArtefactFormatException>();
    }

    [Fact]
    public void ADampingFactorThatIsNotFiniteIsRefused()
    {
        var forged = Forged(Stored(out _), bytes => BitConverter.TryWriteBytes(bytes.AsSpan(8), double.NaN));

        FluentActions.Invoking(() => InfluenceIndex.Read(new MemoryStream(forged))).Should().Throw<ArtefactFormatException>();
    }
}
