using System.Buffers;
using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>The bytes of an array of records, without a copy.</summary>
sealed class RecordBytes<T>(T[] records) : MemoryManager<byte>
    where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(records.AsSpan());

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = GCHandle.Alloc(records, GCHandleType.Pinned);
        unsafe
        {
            return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle, this);
        }
    }

    public override void Unpin()
    {
        // The handle that Pin gave frees itself.
    }

    protected override void Dispose(bool disposing)
    {
    }
}
