using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Inference.Tests;

public sealed class SafetensorsTests
{
    /// <summary>Headers that lie, the bytes of data behind them, and what the error must say.</summary>
    public static TheoryData<string, int, string> HostileHeaders => new()
    {
        { "", 0, "does not begin with" },
        { "[]", 0, "does not begin with" },
        { " {}", 0, "does not begin with" },
        { "{", 0, "not well-formed" },
        { "{}", 4, "describes 0 bytes of data, but there are 4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
            "not well-formed" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor a: F32 [2] needs 8 bytes, but data_offsets span 4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "tensor a: ends at byte 4, but there are only 3" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "tensor a: data_offsets [4, 0] are no range" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "tensor a: data_offsets holds -4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "tensor a: data_offsets [0] are no range" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "tensor a: data_offsets" },
        { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "tensor a: shape holds 1.5" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor a: shape holds -1" },
        { """{"a":{"dtype":"F32","shape":"x","data_offsets":[0,4]}}""", 4, "tensor a: shape is no array" },
        { """{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "tensor a: shape" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", 0, "too large to be counted" },
        { """{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}}""", 0,
            "tensor a: shape holds 99999999999999999999" },
        { """{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "9 dimensions" },
        { """{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a: dtype F31 is unknown" },
        { """{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a: dtype, shape and data_offsets are expected" },
        { """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a: dtype, shape and data_offsets are expected" },
        { """{"a":5}""", 0, "tensor a: dtype, shape and data_offsets are expected" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6,
            "tensor b: begins at byte 2" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}""", 10,
            "tensor b: begins at byte 6" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}""", 5, "tensor a: begins at byte 1" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "describes 4 bytes of data, but there are 5" },
        { """{"__metadata__":[],"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "__metadata__" },
        { """{"__metadata__":{"x":1}}""", 0, "__metadata__: x" },
        { """{"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "no Unicode" },
    };

    [Theory]
    [MemberData(nameof(HostileHeaders))]
    public void A_header_that_lies_is_refused(string json, int dataSizeBytes, string message)
    {
        var bytes = WithHeader(Encoding.UTF8.GetBytes(json), dataSizeBytes);
        RequireRefused(bytes, message);
    }

    [Theory]
    [InlineData(0UL, "does not begin")]
    [InlineData(3UL, "states a length of 3 bytes, but the file has 10")]
    [InlineData(100_000_001UL, "more than the 100000000")]
    [InlineData(0x8000_0000_0000_0000UL, "more than the 100000000")]
    [InlineData(ulong.MaxValue, "more than the 100000000")]
    public void A_length_that_lies_is_refused(ulong length, string message)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        RequireRefused(bytes, message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_its_prefix_is_refused(int sizeBytes) => RequireRefused(new byte[sizeBytes], "too few");

    [Fact]
    public void A_name_that_is_no_utf8_is_refused() =>
        RequireRefused(WithHeader([.. "{\""u8, 0xC3, 0x28, .. "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"u8], 1),
            "hostile.safetensors: JSON");

    [Fact]
    public void A_deeply_nested_header_is_refused() =>
        RequireRefused(WithHeader(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100_000)), 0), "not well-formed");

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_typed_error()
    {
        var valid = Written(
            [new("a", TensorPrecision.Float32, [2, 2], new float[] { 1, 2, 3, 4 }), new("b", TensorPrecision.BFloat16, [3], new float[3])]);
        var damage = from place in Gen.Choose(0, valid.Length - 1) from value in Gen.Choose(0, 255) select (place, value);
        Prop.ForAll(damage.ListOf().ToArbitrary(), changes =>
        {
            var bytes = valid.ToArray();
            foreach (var (place, value) in changes)
            {
                bytes[place] = (byte)value;
            }
            try
            {
                using var file = SafetensorsFile.Parse(bytes, "fuzz");
                foreach (var entry in file.Entries.Where(entry => entry.Type is "F32" or "BF16" or "F16"))
                {
                    file.Read(entry.Name, [.. entry.Shape], new float[entry.Count]);
                }
            }
            catch (ModelFormatException)
            {
                return true;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_finite_number_comes_back_exactly_in_F32_and_nearest_in_the_short_types()
    {
        Prop.ForAll<float[]>(numbers =>
        {
            var values = numbers.Where(value => MathF.Abs(value) < 60_000).ToArray();
            var exact = RoundTrip(values, TensorPrecision.Float32);
            var half = RoundTrip(values, TensorPrecision.Float16);
            var brain = RoundTrip(values, TensorPrecision.BFloat16);
            return exact.SequenceEqual(values)
                && half.SequenceEqual(values.Select(value => (float)(Half)value))
                && brain.Zip(values).All(
                    pair => MathF.Abs(pair.First - pair.Second) <= MathF.Max(MathF.Abs(pair.Second) / 256, float.Epsilon * 65536));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1.00390625f, 1f)]
    [InlineData(1.01171875f, 1.015625f)]
    [InlineData(1.005f, 1.0078125f)]
    [InlineData(-1.00390625f, -1f)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    public void BF16_rounds_to_nearest_and_ties_to_even(float value, float expected) =>
        RoundTrip([value], TensorPrecision.BFloat16).Should().Equal(expected);

    [Fact]
    public void Names_shapes_and_metadata_are_kept_on_disk_and_in_memory()
    {
        using var folder = new TemporaryFolder();
        var values = Enumerable.Range(0, 700_000).Select(index => index * 0.5f).ToArray();
        SafetensorsWriter.Write(
            folder.File("x.safetensors"),
            [new("b", TensorPrecision.Float32, [700, 1000], values), new("a \"é", TensorPrecision.Float16, [0, 4], Array.Empty<float>()),
                new("s", TensorPrecision.Float32, [], new[] { 7f })],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
        using var file = SafetensorsFile.Open(folder.File("x.safetensors"));
        using var memory = SafetensorsFile.Parse(File.ReadAllBytes(folder.File("x.safetensors")), "x");
        foreach (var opened in (SafetensorsFile[])[file, memory])
        {
            var read = new float[values.Length];
            opened.Read("b", [700, 1000], read);
            read.Should().Equal(values);
            opened.Entries.Select(entry => entry.Name).Should().Equal("b", "a \"é", "s");
            opened.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "pt" });
            var one = new float[1];
            opened.Read("s", [], one);
            one.Should().Equal(7f);
        }
    }

    [Fact]
    public void Asking_for_another_name_type_or_shape_names_the_tensor()
    {
        var bytes = WithHeader("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"""u8.ToArray(), 8);
        using var file = SafetensorsFile.Parse(bytes, "x");
        ((Action)(() => file.Read("a", [1], new float[1]))).Should().Throw<ModelFormatException>().WithMessage(
            "*tensor a: dtype I64 is not supported*");
        ((Action)(() => file.Read("a", [2], new float[2]))).Should().Throw<ModelFormatException>().WithMessage(
            "*tensor a: shape *2* is expected, *1* is there*");
        ((Action)(() => file.Read("b", [1], new float[1]))).Should().Throw<ModelFormatException>().WithMessage("*tensor b: missing*");
    }

    [Fact]
    public void A_writer_refuses_values_that_do_not_fill_the_shape_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        var write = () => SafetensorsWriter.Write(folder.File("x"), [new("a", TensorPrecision.Float32, [3], new float[2])]);
        write.Should().Throw<ArgumentException>();
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    static void RequireRefused(byte[] bytes, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("hostile.safetensors"), bytes);
        var pattern = $"*{message.Replace("[", "?", StringComparison.Ordinal)}*";
        ((Action)(() => SafetensorsFile.Open(folder.File("hostile.safetensors")))).Should().Throw<ModelFormatException>().WithMessage(
            pattern);
        ((Action)(() => SafetensorsFile.Parse(bytes, "hostile.safetensors"))).Should().Throw<ModelFormatException>().WithMessage(pattern);
    }

    static float[] RoundTrip(float[] values, TensorPrecision precision)
    {
        using var file = SafetensorsFile.Parse(Written([new("x", precision, [values.Length], values)]), "x");
        var read = new float[values.Length];
        file.Read("x", [values.Length], read);
        return read;
    }

    static byte[] Written(IReadOnlyList<SafetensorsTensor> tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        return stream.ToArray();
    }

    static byte[] WithHeader(byte[] json, int dataSizeBytes)
    {
        var bytes = new byte[8 + json.Length + dataSizeBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }
}
