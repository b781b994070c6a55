using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Grains.Identity;
using OpenLedger.Silo;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary>A command's stay in a data folder at rest: a silo for as long as it takes, and the folder's own account to sign with.</summary>
static class FolderSession
{
    /// <param name="act">Gets a client, and the account that it signs for.</param>
    /// <param name="signer">Who signs; null for the folder's own account. The caller disposes it.</param>
    /// <exception cref="UserErrorException">There is no such data folder, or another process has it.</exception>
    public static async Task<T> Run<T>(
        string data, Func<OpenLedgerClient, string, Task<T>> act, CancellationToken cancellationToken, AccountKey? signer = null)
    {
        if (!Directory.Exists(data))
        {
            throw new UserErrorException($"There is no data folder '{data}'. Name one with --data.");
        }

        // Reading never makes a data folder of a folder that is none.
        DataFolder.ReadLogKey(data);
        await using var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = data }, cancellationToken);
        using var own = silo.Services.GetRequiredService<LogKey>().OpenLocalAccount(TimeProvider.System, IdSource.Secure());
        var key = signer ?? own;
        return await act(new OpenLedgerClient(silo.Grains, key), key.Address);
    }
}
