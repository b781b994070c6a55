using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger verify FILE</c>: nothing is needed but the file and the log's public key.</summary>
static class VerifyCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("file") { Description = "A receipt file (C2SP tlog-proof)." };
        var key = new Option<string?>("--key")
        {
            Description = "The log's public key (name+hash+base64), or a file that holds it. "
                + $"Without it, {LogKeyFile.Name} beside the receipt or in the folder above is taken.",
            HelpName = "key",
        };
        var witness = CommonOptions.Witness();
        var threshold = CommonOptions.WitnessThreshold();
        var json = CommonOptions.Json();
        var command = new Command("verify", "Verify a receipt offline. Exit code 0: valid, 1: invalid, 2: it could not be checked.")
        {
            file,
            key,
            witness,
            threshold,
            json,
        };
        command.SetAction(result => Run(
            result.GetRequiredValue(file),
            result.GetValue(key),
            CommonOptions.Policy(result, witness, threshold),
            result.GetValue(json)));
        return command;
    }

    static int Run(string path, string? key, WitnessPolicy witnesses, bool json)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException($"There is no file '{path}'.");
        }

        if (new FileInfo(path).Length > TlogProof.SizeBytesMax)
        {
            throw new UserErrorException($"'{path}' is larger than any receipt ({TlogProof.SizeBytesMax:N0} bytes).");
        }

        var keySource = key ?? LogKeyFile.FindBeside(path) ?? throw new UserErrorException(
            $"No log key was given and no {LogKeyFile.Name} lies beside '{path}'. Pass --key, with a key you trust.");
        var logKey = LogKeyFile.Read(keySource);
        var verification = ReceiptVerifier.Verify(File.ReadAllBytes(path), logKey, witnesses);
        var outcome = verification switch
        {
            ValidReceipt valid =>
                new VerifyOutcome(true, valid.Origin, valid.Index, valid.TreeSize, valid.Root.ToString(), valid.Receipt.Id, null)
                {
                    Cosigned = [.. valid.Cosignatures.Select(each => each.Witness)],
                },
            InvalidReceipt invalid => new VerifyOutcome(false, null, null, null, null, null, invalid.Reason),
            _ => throw new InvalidOperationException("A verification is valid or invalid."),
        };
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(outcome, VerifyJson.Default.VerifyOutcome));
        }
        else
        {
            Print(verification, key is null ? keySource : "--key");
        }

        return outcome.Valid ? ExitCodes.Success : ExitCodes.Negative;
    }

    static void Print(ReceiptVerification verification, string keySource)
    {
        if (verification is InvalidReceipt invalid)
        {
            Console.WriteLine("INVALID");
            Console.WriteLine($"  reason   {invalid.Reason}");
            return;
        }

        var valid = (ValidReceipt)verification;
        Console.WriteLine("VALID");
        Console.WriteLine($"  origin   {valid.Origin}");
        Console.WriteLine($"  index    {valid.Index} of {valid.TreeSize}");
        Console.WriteLine($"  root     {valid.Root}");
        Console.WriteLine($"  receipt  {valid.Receipt.Id}");
        Console.WriteLine($"  price    {valid.Receipt.Price} OPEN, {valid.Receipt.PromptTokens} + {valid.Receipt.CompletionTokens} tokens");
        Console.WriteLine($"  key      {keySource}");
        foreach (var cosignature in valid.Cosignatures)
        {
            var time = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(cosignature.TimeSeconds, CommonOptions.TimeSecondsMax));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  witness  {cosignature.Witness}, {time:u}"));
        }

        foreach (var line in valid.Receipt.Split)
        {
            Console.WriteLine($"  {line.Role,-12} {line.Amount} OPEN  {line.Account}");
        }
    }
}

sealed record VerifyOutcome(bool Valid, string? Origin, ulong? Index, ulong? TreeSize, string? Root, string? Receipt, string? Reason)
{
    public IReadOnlyList<string>? Cosigned { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VerifyOutcome))]
sealed partial class VerifyJson : JsonSerializerContext;
