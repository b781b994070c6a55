using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Testing;

/// <summary>A data folder of before the supply had an allocation: all was minted into the treasury, which gave some out.</summary>
static class UnallocatedBook
{
    public static string Payee { get; } = SampleNetwork.Account("payee of old");

    public static void Write(TemporaryFolder folder, ulong givenOutOpen)
    {
        var ids = IdSource.Secure();
        using var data = DataFolder.Open(folder.At("data"), ids);
        using var core = LedgerCore.Open(data.OpenJournal(), data.OpenSigner(), TimeProvider.System, ids);
        string[] ordinary =
        [
            SystemAccounts.Treasury, SystemAccounts.Escrow, SystemAccounts.Platform, SystemAccounts.Stakers, SystemAccounts.Reserve,
        ];
        var reply = core.Commit(new LedgerRequest
        {
            Accounts =
            [
                new OpenAccount(SystemAccounts.Mint, AccountFlags.Mint), new OpenAccount(SystemAccounts.Burn, AccountFlags.Burn),
                .. ordinary.Append(Payee).Select(account => new OpenAccount(account)),
            ],
            Transfers =
            [
                new Transfer(
                    TransferId.From("genesis"), SystemAccounts.Mint, SystemAccounts.Treasury, Amount.Supply, Code: TransferCodes.Genesis),
                new Transfer(TransferId.From("given out"), SystemAccounts.Treasury, Payee, Amount.FromOpen(givenOutOpen)),
            ],
        });
        reply.TransfersStand.Should().BeTrue();
    }
}
