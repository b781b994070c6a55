using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Economy;
using OpenLedger.Grains.Treasury;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger supply</c> and <c>openledger vesting</c>: where OPEN is, and when the rest of it comes.</summary>
static class SupplyCommand
{
    const int VestingMonthsMax = 600;

    public static Command Build()
    {
        var (data, json) = (CommonOptions.Data(), CommonOptions.Json());
        var release = new Option<bool>("--release") { Description = "Release what has come due first; a running silo does so every hour." };
        var command = new Command("supply", "Show the supply by the book: minted, locked, circulating, burned, and each bucket's part.")
        {
            release, data, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var supply = await FolderSession.Run(
                result.GetRequiredValue(data),
                (client, _) => result.GetValue(release) ? client.Treasury.Release() : client.Treasury.GetSupply(),
                cancellationToken);
            Print(SupplyView.Of(supply), result.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Burning cannot be undone, so the command names what it does twice.</summary>
    public static Command BuildBurn()
    {
        var folder = new FolderOptions();
        var amount = new Argument<string>("amount") { Description = "OPEN of the account that signs." };
        var sure = new Option<bool>("--yes") { Description = "Needed: nothing that was burned comes back." };
        var command = new Command("burn", "Burn own OPEN, for good.")
        {
            amount, sure, folder.Key, folder.PassphraseFile, folder.Data,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var burned = Amount.Parse(result.GetRequiredValue(amount));
            if (!result.GetValue(sure))
            {
                throw new UserErrorException($"Burning {burned} OPEN cannot be undone; say --yes if it is meant.");
            }

            await folder.Run(
                result,
                async (client, account) =>
                {
                    var id = Convert.ToHexStringLower(IdSource.Secure().NextBytes(16));
                    await client.Treasury.Burn(new BurnOpen(id, account, burned));
                    return true;
                },
                cancellationToken);
            Console.WriteLine($"burned {burned} OPEN");
            return ExitCodes.Success;
        });
        return command;
    }

    public static Command BuildVesting()
    {
        var json = CommonOptions.Json();
        var months = new Option<int>("--months") { Description = "How many months after genesis.", DefaultValueFactory = _ => 60 };
        var command = new Command("vesting", "Simulate the schedule: what has been released in all after each month, by bucket.")
        {
            months, json,
        };
        command.SetAction(result =>
        {
            var count = result.GetValue(months);
            if (count is < 0 or > VestingMonthsMax)
            {
                throw new UserErrorException($"--months takes 0 to {VestingMonthsMax}.");
            }

            var rows = Enumerable.Range(0, count + 1).Select(VestingRow.After).ToList();
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(new VestingView(rows), SupplyJson.Default.VestingView));
                return ExitCodes.Success;
            }

            Console.WriteLine("month " + string.Concat(Allocation.All.Select(bucket => $"{bucket.Name,29}")) + $"{"released",30}");
            foreach (var row in rows)
            {
                var columns = string.Concat(row.Released.Values.Select(value => $"{value,29}"));
                Console.WriteLine($"{row.Month,5} {columns}{row.Total,30}");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    static void Print(SupplyView view, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, SupplyJson.Default.SupplyView));
            return;
        }

        Console.WriteLine($"genesis      {view.Genesis}, {view.Months} whole months ago");
        Console.WriteLine($"minted       {view.Minted,30}");
        Console.WriteLine($"burned       {view.Burned,30}");
        Console.WriteLine($"locked       {view.Locked,30}");
        Console.WriteLine($"circulating  {view.Circulating,30}");
        Console.WriteLine($"emitted      {view.Emitted,30}  rewards of early contributions");
        Console.WriteLine($"{"bucket",-12} {"allocated",30} {"released",30} {"due",30} {"locked",30}");
        foreach (var bucket in view.Buckets)
        {
            Console.WriteLine($"{bucket.Name,-12} {bucket.Allocated,30} {bucket.Released,30} {bucket.Due,30} {bucket.Locked,30}");
        }
    }
}

sealed record SupplyView(
    string Genesis,
    int Months,
    string Minted,
    string Burned,
    string Locked,
    string Circulating,
    string Emitted,
    IReadOnlyList<BucketView> Buckets)
{
    public static SupplyView Of(SupplyCard card) => new(
        GovernanceOutput.Time(card.GenesisMs),
        card.Months,
        card.Minted.ToString(),
        card.Burned.ToString(),
        card.Locked.ToString(),
        card.Circulating.ToString(),
        card.Emitted.ToString(),
        [
            .. card.Buckets.Select(bucket => new BucketView(
                bucket.Name,
                bucket.Account,
                bucket.Total.ToString(),
                bucket.Released.ToString(),
                bucket.Due.ToString(),
                bucket.Locked.ToString(),
                bucket.Balance.ToString())),
        ]);
}

sealed record BucketView(string Name, string Account, string Allocated, string Released, string Due, string Locked, string Balance);

sealed record VestingView(IReadOnlyList<VestingRow> Months);

sealed record VestingRow(int Month, IReadOnlyDictionary<string, string> Released, string Total)
{
    public static VestingRow After(int month) => new(
        month,
        Allocation.All.ToDictionary(bucket => bucket.Name, bucket => bucket.ReleasedAfter(month).ToString(), StringComparer.Ordinal),
        Amount.Sum(Allocation.All.Select(bucket => bucket.ReleasedAfter(month))).ToString());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(SupplyView))]
[JsonSerializable(typeof(VestingView))]
sealed partial class SupplyJson : JsonSerializerContext;
