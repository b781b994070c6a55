using System.Net;
using System.Net.Sockets;
using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace Simulation.Tests.Kills;

/// <summary>
/// The process that is killed: a data folder's ledger behind its writer, as a silo has it, answering lines on sockets. It never ends by
/// itself.
/// </summary>
static class KillHost
{
    public const string Opening = "opening";
    public const string Listening = "listening ";

    public static async Task<int> Run(string path)
    {
        Console.WriteLine(Opening);
        using var folder = DataFolder.Open(path, IdSource.Secure(), "test.example/killed");
        using var signer = folder.OpenSigner();
        var core = LedgerCore.Open(folder.OpenJournal(), signer, TimeProvider.System, IdSource.Secure(), folder.OpenTiles());
        await using var writer = new LedgerWriter(core);
        _ = await writer.CommitAsync(KillLoad.Genesis);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine($"{Listening}{((IPEndPoint)listener.LocalEndpoint).Port}");
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync();
            _ = Serve(client, writer);
        }
    }

    static async Task Serve(TcpClient client, LedgerWriter writer)
    {
        using var connection = client;
        connection.NoDelay = true;
        using var reader = new StreamReader(connection.GetStream());
        await using var output = new StreamWriter(connection.GetStream()) { AutoFlush = true };
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                var reply = await writer.CommitAsync(Wire.Parse<WireRequest>(line).ToRequest());
                var (size, root) = await writer.ReadAsync(core => (core.TreeSize, core.Root));
                await output.WriteLineAsync(Wire.Line(new WireReply(
                    [.. reply.Transfers.Select(status => (int)status)], size, root.ToString())));
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }
}
