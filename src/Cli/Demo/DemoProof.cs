using OpenLedger.Client;

namespace OpenLedger.Cli.Demo;

/// <summary>Where the receipt lies, and what verifying it and an altered copy found.</summary>
sealed record DemoProofResult(string Path, bool Valid, bool TamperedValid);

/// <summary>Exports a receipt, verifies it offline, and verifies a copy with one byte flipped.</summary>
static class DemoProof
{
    public static async Task<DemoProofResult> Write(OpenLedgerClient client, string dataFolder, string receiptId, IDemoNarrator narrator)
    {
        var file = await client.Ledger.ExportReceipt(receiptId);
        var summary = await client.Ledger.GetSummary();
        var folder = Path.Combine(dataFolder, "receipts");
        Directory.CreateDirectory(folder);
        var path = Path.GetFullPath(Path.Combine(folder, receiptId + ReceiptFile.Extension));
        await File.WriteAllBytesAsync(path, file);
        await File.WriteAllTextAsync(Path.Combine(folder, LogKeyFile.Name), summary.LogKey + "\n");

        var verification = ReceiptVerifier.Verify(file, summary.LogKey);
        var tampered = (byte[])file.Clone();
        tampered[tampered.Length / 2] ^= 1;
        var tamperedVerification = ReceiptVerifier.Verify(tampered, summary.LogKey);
        if (verification is ValidReceipt valid)
        {
            narrator.Proof(
                path,
                valid.Origin,
                checked((long)valid.Index),
                valid.Root.ToString(),
                tamperedVerification.IsValid,
                (tamperedVerification as InvalidReceipt)?.Reason ?? "");
        }
        else
        {
            narrator.Note($"The receipt did not verify: {((InvalidReceipt)verification).Reason}");
        }

        return new DemoProofResult(path, verification.IsValid, tamperedVerification.IsValid);
    }
}
