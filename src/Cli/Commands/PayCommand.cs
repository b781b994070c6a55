using System.CommandLine;
using OpenLedger.Cli.Keys;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger pay</c>: moves OPEN out of an account, by its key's signature.</summary>
static class PayCommand
{
    public static Command Build()
    {
        var to = new Argument<string>("to") { Description = "The account that is paid (acct_…). It is opened if it is not." };
        var amount = new Argument<string>("amount") { Description = "OPEN, with at most 18 decimals." };
        var id = new Option<string?>("--id")
        {
            Description = "Any text that names this payment: given again, the same payment is made once. Without it, a new one each time.",
        };
        var key = CommonOptions.Key();
        var passphrase = CommonOptions.PassphraseFile();
        var data = CommonOptions.Data();
        var command = new Command("pay", "Pay OPEN from an account to another, on a data folder that no silo is using.")
        {
            to, amount, key, passphrase, id, data,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var payee = AccountAddress.Parse(result.GetRequiredValue(to)).ToString();
            var sum = Amount.Parse(result.GetRequiredValue(amount));
            var folder = result.GetRequiredValue(data);
            DataFolder.ReadLogKey(folder);
            using var payer = KeyFiles.Open(result.GetRequiredValue(key), result.GetValue(passphrase));
            var name = result.GetValue(id) ?? IdSource.Secure().Next("pay");
            await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = folder }, cancellationToken);
            var client = new OpenLedgerClient(silo.Grains, payer);
            await client.Ledger.OpenAccounts([payee], cancellationToken);
            var order = new TransferOrder(
                TransferId.From($"pay/{payer.Address}/{name}").ToString(), TransferKind.Posted, payer.Address, payee, sum);
            var outcome = (await client.Ledger.Transfer([order], cancellationToken))[0];
            if (!outcome.Accepted)
            {
                throw new UserErrorException($"{sum} OPEN could not be paid from {payer.Address}: {outcome.Result}.");
            }

            Console.WriteLine($"{(outcome.Repeated ? "paid before" : "paid")}  {sum} OPEN to {payee}");
            Console.WriteLine($"id    {name}");
            return ExitCodes.Success;
        });
        return command;
    }
}
