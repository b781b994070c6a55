using Microsoft.Extensions.Configuration;

namespace OpenLedger.Silo.Console;

/// <summary>Options of the operators' pages; section <c>OpenLedger:Console</c> of the configuration.</summary>
public sealed record ConsoleOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "OpenLedger:Console";

    /// <summary>Fewest characters of a token: what is shorter can be guessed.</summary>
    public const int TokenCharactersMin = 16;

    /// <summary>Most characters of a token.</summary>
    public const int TokenCharactersMax = 512;

    /// <summary>
    /// What an operator signs in with. Without one (the default) the pages are for this machine alone; with one they are for whoever
    /// presents it, from anywhere. Never printed.
    /// </summary>
    public string? OperatorToken { get; init; }

    /// <summary>These options, or where they name no token those of a host's configuration.</summary>
    public ConsoleOptions Or(IConfiguration configuration) =>
        OperatorToken is null ? this with { OperatorToken = configuration[$"{Section}:{nameof(OperatorToken)}"] } : this;

    /// <exception cref="UserErrorException">The token is too short or too long.</exception>
    public void Validate()
    {
        if (OperatorToken is { } token && token.Length is < TokenCharactersMin or > TokenCharactersMax)
        {
            throw new UserErrorException(
                $"{Section}:{nameof(OperatorToken)} has {token.Length} characters; it takes {TokenCharactersMin} to "
                + $"{TokenCharactersMax}. 'openssl rand -hex 32' makes a good one.");
        }
    }

    // A record would print its properties.
    public override string ToString() => nameof(ConsoleOptions);
}
