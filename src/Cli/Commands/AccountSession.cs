using System.CommandLine;
using OpenLedger.Cli.Keys;
using OpenLedger.Client;

namespace OpenLedger.Cli.Commands;

/// <summary>In whose name a command acts on a data folder: a key file's account, or the folder's own.</summary>
sealed class AccountSession
{
    public Option<string> Data { get; } = CommonOptions.Data();

    public Option<string?> Key { get; } = new("--key")
    {
        Description = "The key file of the account in whose name this is done; without it, the data folder's own account.",
        HelpName = "file",
    };

    public Option<string?> Passphrase { get; } = CommonOptions.PassphraseFile();

    /// <param name="act">Gets a client, and the account that it signs for.</param>
    /// <exception cref="UserErrorException">There is no such data folder or key, or another process has the folder.</exception>
    public async Task<T> Run<T>(ParseResult result, Func<OpenLedgerClient, string, Task<T>> act, CancellationToken cancellationToken)
    {
        using var key = result.GetValue(Key) is { } path ? KeyFiles.Open(path, result.GetValue(Passphrase)) : null;
        return await FolderSession.Run(
            result.GetRequiredValue(Data),
            (client, account) => key is null ? act(client, account) : act(client.SignedBy(key), key.Address),
            cancellationToken);
    }
}
