using OpenLedger.Client;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests;

/// <summary>A data folder, at rest, whose log holds a few receipts; one of them is exported beside it.</summary>
public sealed class SettledFolder : IAsyncLifetime
{
    public const string Name = "settled folder";

    readonly TemporaryFolder _folder = new();

    /// <summary>Where the tests' commands run.</summary>
    public string Folder => _folder.Path;

    public string Data => _folder.At("data");

    /// <summary>The receipt's file, in a folder without the log's key.</summary>
    public string ReceiptPath => _folder.At("post", "answer.tlog-proof");

    public string ReceiptId { get; private set; } = "";

    public string Key { get; private set; } = "";

    public string Origin { get; private set; } = "";

    public string Root { get; private set; } = "";

    public long Index { get; private set; }

    public byte[] Receipt { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var options = new SiloOptions
        {
            DataFolder = Data,
            Models = new Dictionary<string, string>(StringComparer.Ordinal) { [TinyModel.Id] = TinyModel.Write(_folder.Path) },
        };
        await using (var played = await EmbeddedSilo.Start(options))
        {
            var players = await SampleNetwork.Play(played.Services);
            await players.Client.Complete(SampleNetwork.Request("rq_other", TinyModel.Id));
            ReceiptId = (await players.Client.Complete(SampleNetwork.Request("rq_answer"))).Settlement.ReceiptId;
        }

        // Read by a second silo: the first one may still move stakers' parts while it stops.
        await using var silo = await EmbeddedSilo.Start(options);
        var network = new SampleNetwork(silo.Services);
        var summary = await network.Client.Ledger.GetSummary();
        Receipt = await network.Client.Ledger.ExportReceipt(ReceiptId);
        Index = (await network.Client.Ledger.GetReceipt(ReceiptId)).LogIndex;
        (Key, Origin, Root) = (summary.LogKey, summary.LogOrigin, summary.LogRoot);
        Directory.CreateDirectory(Path.GetDirectoryName(ReceiptPath)!);
        await File.WriteAllBytesAsync(ReceiptPath, Receipt);
    }

    /// <summary>Copies the data folder, for a test that changes it: the others want it as it is.</summary>
    public string CopyTo(string data)
    {
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(data, Path.GetRelativePath(Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return data;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

[CollectionDefinition(SettledFolder.Name)]
public sealed class SettledFolderCollection : ICollectionFixture<SettledFolder>;
