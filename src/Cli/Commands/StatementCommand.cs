using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Client;
using OpenLedger.Silo;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger statement</c>: what an account was credited in a time, with proofs.</summary>
static class StatementCommand
{
    static readonly TimeSpan answerMax = TimeSpan.FromMinutes(5);

    static readonly Argument<string> account = new("account") { Description = "The account's address (acct_…)." };

    static readonly Option<string> from = new("--from")
    {
        Description = "First day (2026-01-31) or moment (2026-01-31T12:00:00Z), UTC.",
        Required = true,
        HelpName = "date",
    };

    static readonly Option<string> to = new("--to")
    {
        Description = "Last day, all of it, or the moment at which it ends, UTC.",
        Required = true,
        HelpName = "date",
    };

    static readonly Option<string> data = CommonOptions.Data();

    static readonly Option<string?> url = new("--url")
    {
        Description = "Ask the silo that runs here, in place of a data folder at rest: http://127.0.0.1:7070.",
        HelpName = "url",
    };

    static readonly Option<string?> file = new("--out") { Description = "Where to write it; without it, the account's name here." };

    static readonly Option<bool> json = CommonOptions.Json();

    public static Command Build()
    {
        var command = new Command(
            "statement",
            "Write every credit of an account in a time as a file that proves itself, and check it. It holds whole receipts with their\n"
            + "salts: treat it as you treat the conversations that were paid for.")
        {
            account, from, to, data, url, file, json, Verify(),
        };
        command.SetAction(Export);
        return command;
    }

    static Command Verify()
    {
        var path = new Argument<string>("file") { Description = "A statement." };
        var key = new Option<string>("--key")
        {
            Description = "The log's public key (name+hash+base64), or a file that holds it.",
            Required = true,
            HelpName = "key",
        };
        var witness = CommonOptions.Witness();
        var threshold = CommonOptions.WitnessThreshold();
        var asJson = CommonOptions.Json();
        var command = new Command("verify", "Verify a statement offline. Exit code 0: valid, 1: invalid, 2: it could not be checked.")
        {
            path, key, witness, threshold, asJson,
        };
        command.SetAction(result =>
        {
            var name = result.GetRequiredValue(path);
            if (!File.Exists(name) || new FileInfo(name).Length > Statement.SizeBytesMax)
            {
                throw new UserErrorException($"There is no statement '{name}', or it is larger than {Statement.SizeBytesMax:N0} bytes.");
            }

            var logKey = NoteVerifier.Parse(LogKeyFile.Read(result.GetRequiredValue(key)));
            var policy = CommonOptions.Policy(result, witness, threshold);
            return Print(StatementVerifier.Verify(File.ReadAllBytes(name), logKey, policy), null, result.GetValue(asJson));
        });
        return command;
    }

    static async Task<int> Export(ParseResult result, CancellationToken cancellation)
    {
        var holder = result.GetRequiredValue(account);
        var begin = Moment(result.GetRequiredValue(from), isEnd: false);
        var end = Moment(result.GetRequiredValue(to), isEnd: true);
        if (end <= begin)
        {
            throw new UserErrorException("--to is before --from: name a day or a moment after it.");
        }

        var (bytes, key) = result.GetValue(url) is { } address
            ? await Ask(address, holder, begin, end, cancellation)
            : await Read(result.GetRequiredValue(data), holder, begin, end, cancellation);
        var verification = StatementVerifier.Verify(bytes, NoteVerifier.Parse(key));
        if (!verification.IsValid)
        {
            return Print(verification, null, result.GetValue(json));
        }

        var path = result.GetValue(file) ?? holder + Statement.Extension;
        await File.WriteAllBytesAsync(path, bytes, cancellation);
        return Print(verification, path, result.GetValue(json));
    }

    static async Task<(byte[] File, string Key)> Read(
        string folder, string holder, DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new UserErrorException($"There is no data folder '{folder}'. Name one with --data, or a silo with --url.");
        }

        var key = DataFolder.ReadLogKey(folder);
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = folder }, cancellation);
        return (await new OpenLedgerClient(silo.Grains).Ledger.ExportStatement(holder, begin, end, cancellation), key);
    }

    /// <summary>The key that a silo says it has is good enough to see that its answer is whole; whoever checks later names one.</summary>
    static async Task<(byte[] File, string Key)> Ask(
        string address, string holder, DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = answerMax };
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"from={begin.ToUnixTimeMilliseconds()}&to={end.ToUnixTimeMilliseconds()}");
        try
        {
            var prefix = Monitoring.HttpLogSource.Address(address).ToString().TrimEnd('/');
            using var response = await http.GetAsync(new Uri($"{prefix}/statements/{Uri.EscapeDataString(holder)}?{query}"), cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new UserErrorException(
                    $"{address} refuses with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
            }

            var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
            return (bytes, await http.GetStringAsync(new Uri($"{prefix}/log/key"), cancellation));
        }
        catch (HttpRequestException exception)
        {
            throw new UserErrorException($"{address} cannot be reached: {exception.Message}", exception);
        }
    }

    static DateTimeOffset Moment(string text, bool isEnd)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var isDay = DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, utc, out var moment);
        if (!isDay && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out moment))
        {
            throw new UserErrorException($"'{text}' is not a date: write 2026-01-31, or 2026-01-31T12:00:00Z.");
        }

        return moment < DateTimeOffset.UnixEpoch || moment.Year > 9_000
            ? throw new UserErrorException($"'{text}' is not between 1970 and 9000.")
            : isDay && isEnd ? moment.AddDays(1) : moment;
    }

    static int Print(StatementVerification verification, string? path, bool asJson)
    {
        var statement = verification.Statement;
        if (asJson)
        {
            var view = new StatementView(
                verification.IsValid, verification.Problem, path, statement?.Account, verification.Checkpoint?.Origin,
                verification.Checkpoint?.TreeSize, verification.Credits.Count, verification.Total.ToString(),
                [
                    .. verification.Credits.Select(credit => new StatementLineView(
                        credit.Index, credit.Receipt.Id, Time(credit.Receipt.TimeMs), credit.Receipt.ModelId, credit.Amount.ToString())),
                ]);
            Console.WriteLine(JsonSerializer.Serialize(view, StatementJson.Default.StatementView));
        }
        else if (statement is null)
        {
            Console.WriteLine("INVALID");
            Console.WriteLine($"  reason   {verification.Problem}");
        }
        else
        {
            Console.WriteLine("VALID");
            Console.WriteLine($"  account  {statement.Account}");
            Console.WriteLine($"  time     {Time(statement.FromMs)} until {Time(statement.ToMs)}");
            foreach (var credit in verification.Credits)
            {
                Console.WriteLine($"  {Time(credit.Receipt.TimeMs)}  {credit.Amount} OPEN  {credit.Receipt.Id}");
            }

            Console.WriteLine($"  total    {verification.Total} OPEN in {verification.Credits.Count} receipts");
            Console.WriteLine($"  origin   {verification.Checkpoint!.Origin}, {verification.Checkpoint.TreeSize} entries");
            if (path is not null)
            {
                Console.WriteLine($"  file     {path}");
            }
        }

        return verification.IsValid ? ExitCodes.Success : ExitCodes.Negative;
    }

    static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("u", CultureInfo.InvariantCulture);
}

sealed record StatementView(
    bool Valid, string? Reason, string? File, string? Account, string? Origin, ulong? TreeSize, int Receipts, string Total,
    IReadOnlyList<StatementLineView> Credits);

sealed record StatementLineView(ulong Index, string Receipt, string Time, string Model, string Amount);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StatementView))]
sealed partial class StatementJson : JsonSerializerContext;
