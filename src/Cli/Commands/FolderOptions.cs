using System.CommandLine;
using OpenLedger.Cli.Keys;
using OpenLedger.Client;

namespace OpenLedger.Cli.Commands;

/// <summary>The options of a command that stays in a data folder and signs what it changes there.</summary>
sealed class FolderOptions
{
    public FolderOptions()
    {
        Key.Required = false;
        Key.Description = "The key file of the account that does this and signs it. Without it, the data folder's own account does.";
    }

    public Option<string> Data { get; } = CommonOptions.Data();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public Option<string> Key { get; } = CommonOptions.Key();

    public Option<string?> PassphraseFile { get; } = CommonOptions.PassphraseFile();

    /// <inheritdoc cref="FolderSession.Run"/>
    public async Task<T> Run<T>(
        ParseResult result, Func<OpenLedgerClient, string, Task<T>> act, CancellationToken cancellationToken)
    {
        var file = result.GetValue(Key);
        using var signer = file is null ? null : KeyFiles.Open(file, result.GetValue(PassphraseFile));
        return await FolderSession.Run(result.GetRequiredValue(Data), act, cancellationToken, signer);
    }
}
