using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Cli.Keys;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger keys</c>: accounts' keys in encrypted files.</summary>
static class KeysCommand
{
    const string FileDefault = "account.key";

    public static Command Build() => new(
        "keys", "Make, show and check account keys. An account is an Ed25519 key; who has the key has the account.")
    {
        New(), Show(), Address(), ChangePassphrase(),
    };

    static Command New()
    {
        var file = new Option<string>("--out")
        {
            Description = "The file to write, readable by you alone.",
            DefaultValueFactory = _ => FileDefault,
            HelpName = "file",
        };
        var name = new Option<string>("--name")
        {
            Description = "What you call the key; it stands in the file.",
            DefaultValueFactory = _ => "",
        };
        var force = new Option<bool>("--force") { Description = "Overwrite a file that is there: the key in it is lost." };
        var passphrase = CommonOptions.PassphraseFile();
        var command = new Command("new", "Make an account: a new key in an encrypted file. Nobody can restore it without its passphrase.")
        {
            file, name, force, passphrase,
        };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(file);
            if (Path.Exists(path) && !result.GetValue(force))
            {
                // Before anything is asked: nobody types a passphrase in vain.
                throw new UserErrorException(
                    $"'{path}' is there already, and a key that is overwritten is lost with its account: name another with --out, or say "
                    + "--force.");
            }

            var ids = IdSource.Secure();
            var seed = ids.NextBytes(Ed25519.SeedSizeBytes);
            var made = AccountKeyFile.Encrypt(
                seed,
                result.GetRequiredValue(name),
                Keys.Passphrase.New(result.GetValue(passphrase), "Passphrase for the new key"),
                ids);
            KeyFiles.Write(path, made, result.GetValue(force));
            Console.WriteLine($"account  {made.Address}");
            Console.WriteLine($"key      {Path.GetFullPath(path)}");
            return ExitCodes.Success;
        });
        return command;
    }

    static Command Show()
    {
        var file = new Argument<string>("file") { Description = "An account's key file." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show what is public in a key file; no passphrase is needed.") { file, json };
        command.SetAction(result =>
        {
            var key = KeyFiles.Read(result.GetRequiredValue(file));
            var view = new KeyView(
                key.Address.ToString(), Convert.ToHexStringLower(key.Address.PublicKey()), key.Name, key.Iterations);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(view, KeyJson.Default.KeyView));
                return ExitCodes.Success;
            }

            Console.WriteLine($"account     {view.Address}");
            Console.WriteLine($"public key  {view.PublicKey}");
            Console.WriteLine($"name        {(view.Name.Length > 0 ? view.Name : "none")}");
            Console.WriteLine($"encrypted   PBKDF2-HMAC-SHA-512, {view.Iterations} iterations; AES-256-GCM");
            return ExitCodes.Success;
        });
        return command;
    }

    static Command Address()
    {
        var what = new Argument<string>("key")
        {
            Description = "An address (acct_…), a public key in 64 hexadecimal digits, or a key file.",
        };
        var command = new Command("address", "Check an address, or print that of a key.") { what };
        command.SetAction(result =>
        {
            var text = result.GetRequiredValue(what);
            var address = text.StartsWith(AccountAddress.Prefix, StringComparison.Ordinal) ? AccountAddress.Parse(text)
                : IsPublicKey(text) ? AccountAddress.FromPublicKey(Convert.FromHexString(text))
                : KeyFiles.Read(text).Address;
            Console.WriteLine(address);
            return ExitCodes.Success;
        });
        return command;
    }

    static Command ChangePassphrase()
    {
        var file = new Argument<string>("file") { Description = "An account's key file." };
        var passphrase = CommonOptions.PassphraseFile();
        var next = new Option<string?>("--new-passphrase-file")
        {
            Description = "A file whose first line is the new passphrase; without it, you are asked.",
            HelpName = "file",
        };
        var command = new Command("passphrase", "Change a key file's passphrase. Copies of the old file still open with the old one.")
        {
            file, passphrase, next,
        };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(file);
            var key = KeyFiles.Read(path);
            var current = Keys.Passphrase.Of(result.GetValue(passphrase), $"Passphrase of {key.Address}");

            // Opened before the new one is asked for: a wrong passphrase is said at once.
            key.Open(current).Dispose();
            var changed = key.WithPassphrase(
                current, Keys.Passphrase.New(result.GetValue(next), "New passphrase", variable: null), IdSource.Secure());
            KeyFiles.Write(path, changed, replace: true);
            Console.WriteLine($"The passphrase of {changed.Address} is changed.");
            return ExitCodes.Success;
        });
        return command;
    }

    static bool IsPublicKey(string text) => text.Length == 2 * Ed25519.PublicKeySizeBytes && text.All(char.IsAsciiHexDigit);
}

sealed record KeyView(string Address, string PublicKey, string Name, int Iterations);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(KeyView))]
sealed partial class KeyJson : JsonSerializerContext;
