using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using OpenLedger.Grains.Governance;

namespace OpenLedger.Silo.Configuration;

/// <summary>
/// A silo's options out of <c>appsettings.json</c> and the environment (<c>OpenLedger__Cluster__SiloPort</c>, say), checked before
/// anything is opened.
/// </summary>
public static class SiloConfiguration
{
    /// <summary>Name of the section.</summary>
    public const string Section = "OpenLedger";

    /// <summary>Name of the file that is read when no other is named and it is there.</summary>
    public const string FileName = "appsettings.json";

    /// <summary>The sources of a silo's configuration, later ones going before earlier ones: file, environment, overrides.</summary>
    /// <param name="file">A JSON file; null reads <see cref="FileName"/> in the current folder where there is one.</param>
    /// <param name="overrides">Keys with the section's name, as flags of a command line give them; null values are left out.</param>
    /// <exception cref="UserErrorException">The file is missing or not JSON.</exception>
    public static IConfiguration Load(string? file, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        if (file is not null && !File.Exists(file))
        {
            throw new UserErrorException($"There is no configuration file '{file}'.");
        }

        var path = Path.GetFullPath(file ?? FileName);
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(path, optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection((overrides ?? new Dictionary<string, string?>()).Where(pair => pair.Value is not null))
                .Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException)
        {
            throw new UserErrorException($"The configuration file {path} cannot be read: {Innermost(exception).Message}");
        }
    }

    /// <summary>Reads the section over the given options and checks the result.</summary>
    /// <param name="defaults">What holds where the configuration says nothing; not changed.</param>
    /// <exception cref="UserErrorException">Names the option that is unknown or out of range, and what to do.</exception>
    public static SiloOptions Read(IConfiguration configuration, SiloOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Section);
        var options = new SiloOptions
        {
            DataFolder = section[nameof(SiloOptions.DataFolder)] ?? defaults.DataFolder,
            Models = section.GetSection(nameof(SiloOptions.Models)).GetChildren().Any()
                ? new Dictionary<string, string>(StringComparer.Ordinal)
                : defaults.Models,
        };
        try
        {
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new UserErrorException($"{Problem(exception)} docs/cluster.md lists every option and what it takes.");
        }

        Check(options);
        return options;
    }

    /// <summary>Checks options as a start does.</summary>
    /// <exception cref="UserErrorException">Names every option that cannot stand, and what to do.</exception>
    public static void Check(SiloOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems =
        [
            .. Attributes(Section, options),
            .. Attributes($"{Section}:{nameof(SiloOptions.Storage)}", options.Storage),
            .. Attributes($"{Section}:{nameof(SiloOptions.Log)}", options.Log),
            .. Attributes($"{Section}:{nameof(SiloOptions.Cluster)}", options.Cluster),
            .. Attributes($"{Section}:{nameof(SiloOptions.Liveness)}", options.Liveness),
            .. Attributes($"{Section}:{nameof(SiloOptions.Hardware)}", options.Hardware),
            .. options.Storage.Problems(),
            .. options.Log.Problems(),
            .. options.Cluster.Problems(options.Storage),
            .. options.Liveness.Problems(),
            .. Problems(options.Parameters),
        ];
        if (problems.Length > 0)
        {
            throw new UserErrorException(string.Join(" ", problems));
        }
    }

    static IEnumerable<string> Problems(IReadOnlyDictionary<string, string> parameters)
    {
        try
        {
            _ = GenesisParameters.Of(parameters);
            return [];
        }
        catch (UserErrorException exception)
        {
            return [$"{Section}:{nameof(SiloOptions.Parameters)}: {exception.Message}."];
        }
    }

    static IEnumerable<string> Attributes(string path, object options)
    {
        var results = new List<ValidationResult>();
        _ = Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var name = result.MemberNames.FirstOrDefault() ?? "";
            var value = options.GetType().GetProperty(name)?.GetValue(options);
            yield return $"{path}:{name} is '{value}': {result.ErrorMessage}";
        }
    }

    /// <summary>The binder says last which options it does not know, and in an inner message where a value does not convert.</summary>
    static string Problem(Exception exception)
    {
        for (var each = exception; each is not null; each = each.InnerException)
        {
            if (each.Message.Contains($"'{Section}:", StringComparison.Ordinal))
            {
                return each.Message;
            }
        }

        var names = exception.Message[(exception.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
        return $"The section {Section} of the configuration names options that there are not: {names.TrimEnd('.')}.";
    }

    static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
