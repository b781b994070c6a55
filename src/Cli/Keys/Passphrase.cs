using Spectre.Console;

namespace OpenLedger.Cli.Keys;

/// <summary>Where a passphrase comes from: a file, the environment, or whoever sits at the terminal; never the command line.</summary>
static class Passphrase
{
    /// <summary>The variable that holds it where no file is named.</summary>
    public const string Variable = "OPENLEDGER_PASSPHRASE";

    const int FileSizeBytesMax = 4_096;

    /// <summary>The passphrase of a key that exists.</summary>
    /// <param name="file">Its first line; null looks on.</param>
    /// <exception cref="UserErrorException">There is no file, variable or terminal that gives one.</exception>
    public static string Of(string? file, string question) => Given(file, Variable) ?? Ask(question);

    /// <summary>A new passphrase, typed twice where it is typed.</summary>
    /// <param name="variable">The environment's variable to look in; null for none.</param>
    public static string New(string? file, string question, string? variable = Variable)
    {
        if (Given(file, variable) is { } given)
        {
            AccountKeyFile.CheckPassphrase(given);
            return given;
        }

        var first = Ask(question);
        AccountKeyFile.CheckPassphrase(first);
        return Ask("Once more") == first
            ? first
            : throw new UserErrorException("The two passphrases differ; nothing was written.");
    }

    static string? Given(string? file, string? variable)
    {
        if (file is null)
        {
            return variable is not null && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        }

        if (!File.Exists(file) || new FileInfo(file).Length > FileSizeBytesMax)
        {
            throw new UserErrorException($"'{file}' is not a file with a passphrase in its first line.");
        }

        return File.ReadLines(file).FirstOrDefault() is { Length: > 0 } line
            ? line
            : throw new UserErrorException($"The first line of '{file}' holds no passphrase.");
    }

    static string Ask(string question)
    {
        if (Console.IsInputRedirected)
        {
            throw new UserErrorException(
                $"A passphrase is needed, and there is no terminal to ask at: name a file with --passphrase-file, or set {Variable}.");
        }

        return AnsiConsole.Prompt(new TextPrompt<string>($"{question}:").Secret(null));
    }
}
