using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger receipt</c>: receipts of a data folder.</summary>
static class ReceiptCommand
{
    public static Command Build() => new("receipt", "Show and export receipts of a data folder.") { Show(), Export() };

    static Command Show()
    {
        var id = new Argument<string>("id") { Description = "The receipt's id (rc_…)." };
        var data = CommonOptions.Data();
        var leaf = new Option<bool>("--leaf")
        {
            Description = "Print only the log entry's bytes in hexadecimal, so that any C2SP verifier can check the proof.",
        };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show what a receipt says.") { id, data, leaf, json };
        command.SetAction(async (result, cancellationToken) =>
        {
            var stored = await Read(
                result.GetRequiredValue(data), client => client.Ledger.GetReceipt(result.GetRequiredValue(id)), cancellationToken);
            if (result.GetValue(leaf))
            {
                Console.WriteLine(Convert.ToHexStringLower(stored.Leaf.Span));
            }
            else if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(ReceiptView.Of(stored), ReceiptJson.Default.ReceiptView));
            }
            else
            {
                Print(ReceiptView.Of(stored));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    static Command Export()
    {
        var id = new Argument<string>("id") { Description = "The receipt's id (rc_…)." };
        var data = CommonOptions.Data();
        var file = new Option<string?>("--out") { Description = "Where to write it; without it, the id in the current folder." };
        var command = new Command("export", "Write a receipt as a file that verifies offline.") { id, data, file };
        command.SetAction(async (result, cancellationToken) =>
        {
            var receiptId = result.GetRequiredValue(id);
            var bytes = await Read(result.GetRequiredValue(data), client => client.Ledger.ExportReceipt(receiptId), cancellationToken);
            var path = result.GetValue(file) ?? receiptId + ReceiptFile.Extension;
            await File.WriteAllBytesAsync(path, bytes, cancellationToken);
            Console.WriteLine(path);
            return ExitCodes.Success;
        });
        return command;
    }

    static async Task<T> Read<T>(string data, Func<OpenLedgerClient, Task<T>> read, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(data))
        {
            throw new UserErrorException($"There is no data folder '{data}'. Name one with --data.");
        }

        // Reading never makes a data folder of a folder that is none.
        DataFolder.ReadLogKey(data);
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = data }, cancellationToken);
        return await read(new OpenLedgerClient(silo.Grains));
    }

    static void Print(ReceiptView view)
    {
        Console.WriteLine($"receipt     {view.Id}, entry {view.Index} of the log, {view.Time}");
        Console.WriteLine($"model       {view.Model} {view.ModelHash}");
        if (view.Adapter.Length > 0)
        {
            Console.WriteLine($"adapter     {view.Adapter} {view.AdapterHash}");
        }

        Console.WriteLine($"tokens      {view.PromptTokens} + {view.CompletionTokens}");
        Console.WriteLine($"price       {view.Price} OPEN, paid by {view.Payer}");
        Console.WriteLine($"attribution {view.Attribution}");
        foreach (var line in view.Split)
        {
            Console.WriteLine($"  {line.Role,-12} {line.Amount} OPEN  {line.Account}");
        }

        foreach (var credit in view.Credits)
        {
            Console.WriteLine($"  row {credit.Row}  {credit.Share} OPEN  {credit.Account}");
        }
    }
}

sealed record ReceiptView(
    string Id,
    long Index,
    string Time,
    string Payer,
    string Model,
    string ModelHash,
    string Adapter,
    string AdapterHash,
    int PromptTokens,
    int CompletionTokens,
    string Price,
    string Attribution,
    IReadOnlyList<ReceiptLineView> Split,
    IReadOnlyList<ReceiptCreditView> Credits)
{
    public static ReceiptView Of(StoredReceipt stored)
    {
        var receipt = Receipt.FromBytes(stored.Receipt.Span);
        return new ReceiptView(
            receipt.Id,
            stored.LogIndex,
            DateTimeOffset.FromUnixTimeMilliseconds(receipt.TimeMs).ToString("u", CultureInfo.InvariantCulture),
            receipt.Payer,
            receipt.ModelId,
            receipt.ModelHash.ToString(),
            receipt.AdapterId,
            receipt.AdapterHash.ToString(),
            receipt.PromptTokens,
            receipt.CompletionTokens,
            receipt.Price.ToString(),
            receipt.AttributionMethod.Length == 0 ? "none" : $"{receipt.AttributionMethod} {receipt.AttributionVersion}",
            [.. receipt.Split.Select(line => new ReceiptLineView(line.Account, line.Role, line.Amount.ToString()))],
            [
                .. receipt.Credits.Select(credit => new ReceiptCreditView(
                    credit.DatanetId,
                    credit.RowReference,
                    credit.Contributor,
                    credit.InfluenceNano / 1e9,
                    credit.SpanNano / 1e9,
                    credit.CombinedNano / 1e9,
                    credit.Share.ToString())),
            ]);
    }
}

sealed record ReceiptLineView(string Account, string Role, string Amount);

sealed record ReceiptCreditView(string Datanet, string Row, string Account, double Influence, double Span, double Combined, string Share);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ReceiptView))]
sealed partial class ReceiptJson : JsonSerializerContext;
