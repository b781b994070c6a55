using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OpenLedger.Cluster.Tests;

/// <summary>
/// Makes another .NET process run a full, blocking collection, through the diagnostics socket that every one listens on: a session with
/// the runtime's "collect the heap" keyword, as heap dumps open it.
/// https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md
/// </summary>
static class ForcedCollection
{
    const byte EventPipeCommands = 2;
    const byte CollectTracing = 2;
    const byte StopTracing = 1;
    const ulong CollectHeapKeyword = 0x800000;
    const int HeaderSizeBytes = 20;

    public static async Task Run(int processId)
    {
        using var session = await Connect(processId);
        var payload = new MemoryStream();
        var writer = new BinaryWriter(payload, Encoding.Unicode);
        writer.Write(1u); // Megabytes of its buffer.
        writer.Write(1u); // The format of its stream.
        writer.Write(1u); // Providers.
        writer.Write(CollectHeapKeyword);
        writer.Write(4u); // Informational.
        Text(writer, "Microsoft-Windows-DotNETRuntime");
        writer.Write(0u); // No arguments.
        await Send(session, CollectTracing, payload.ToArray());
        var answer = await Receive(session);
        using var stop = await Connect(processId);

        // The session's own stream is read while it is stopped, as the runtime flushes it first.
        var drained = Drain(session);
        await Send(stop, StopTracing, answer);
        await Receive(stop);
        await drained;
    }

    static async Task<Socket> Connect(int processId)
    {
        var name = Directory.GetFiles(
            Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{processId}-*-socket")).Single();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(name));
        return socket;
    }

    static void Text(BinaryWriter writer, string text)
    {
        writer.Write((uint)text.Length + 1);
        writer.Write(Encoding.Unicode.GetBytes(text + '\0'));
    }

    static async Task Send(Socket socket, byte command, byte[] payload)
    {
        var message = new byte[HeaderSizeBytes + payload.Length];
        Encoding.ASCII.GetBytes("DOTNET_IPC_V1\0").CopyTo(message, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = EventPipeCommands;
        message[17] = command;
        payload.CopyTo(message, HeaderSizeBytes);
        await socket.SendAsync(message);
    }

    /// <summary>The payload of an answer; a refusal is an error.</summary>
    static async Task<byte[]> Receive(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: false);
        var header = new byte[HeaderSizeBytes];
        await stream.ReadExactlyAsync(header);
        var payload = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(14)) - HeaderSizeBytes];
        await stream.ReadExactlyAsync(payload);
        return header[17] == 0 ? payload : throw new InvalidOperationException("The runtime refused a diagnostics session.");
    }

    static async Task Drain(Socket session)
    {
        using var stream = new NetworkStream(session, ownsSocket: false);
        await stream.CopyToAsync(Stream.Null);
    }
}
