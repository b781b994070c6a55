using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OpenLedger.Inference;

/// <summary>How a tensor's numbers are written in a file.</summary>
public enum TensorPrecision
{
    Float32,
    Float16,
    BFloat16,
}

/// <summary>Turns the bytes of a safetensors tensor (little-endian) into f32 and back.</summary>
static class TensorEncoding
{
    public static string TypeName(TensorPrecision precision) => precision switch
    {
        TensorPrecision.Float32 => "F32",
        TensorPrecision.Float16 => "F16",
        TensorPrecision.BFloat16 => "BF16",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Not a precision."),
    };

    public static TensorPrecision? Precision(string typeName) => typeName switch
    {
        "F32" => TensorPrecision.Float32,
        "F16" => TensorPrecision.Float16,
        "BF16" => TensorPrecision.BFloat16,
        _ => null,
    };

    public static int SizeBytes(TensorPrecision precision) => precision == TensorPrecision.Float32 ? 4 : 2;

    public static void Decode(TensorPrecision precision, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (precision)
        {
            case TensorPrecision.Float32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case TensorPrecision.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            default:
                WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
        }
    }

    public static void Encode(TensorPrecision precision, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        switch (precision)
        {
            case TensorPrecision.Float32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case TensorPrecision.Float16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(bytes));
                break;
            default:
                for (var index = 0; index < values.Length; index++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * index)..], ToBFloat16(values[index]));
                }
                break;
        }
    }

    /// <summary>The upper half of the f32, rounded to nearest, ties to even; a NaN stays a NaN.</summary>
    public static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var index = 0;
        for (; index + Vector<ushort>.Count <= source.Length; index += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[index..]), out var low, out var high);
            (low << 16).CopyTo(bits[index..]);
            (high << 16).CopyTo(bits[(index + Vector<uint>.Count)..]);
        }
        for (; index < source.Length; index++)
        {
            bits[index] = (uint)source[index] << 16;
        }
    }
}
