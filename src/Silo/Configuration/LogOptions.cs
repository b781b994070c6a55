using System.ComponentModel.DataAnnotations;

namespace OpenLedger.Silo.Configuration;

/// <summary>Section <c>OpenLedger:Log</c>: how the log is published. Docs/ledger.md says what witnesses are.</summary>
public sealed class LogOptions
{
    /// <summary>Shortest time between two published checkpoints, in milliseconds. Default 1,000.</summary>
    [Range(10, 3_600_000, ErrorMessage = "take 10 to 3,600,000 milliseconds.")]
    public int CheckpointMs { get; set; } = 1_000;

    /// <summary>How long a witness may take to answer, in milliseconds. Default 5,000.</summary>
    [Range(10, 60_000, ErrorMessage = "take 10 to 60,000 milliseconds.")]
    public int WitnessTimeoutMs { get; set; } = 5_000;

    /// <summary>Who cosigns the checkpoints; at most 15. Default none.</summary>
    public List<WitnessOptions> Witnesses { get; set; } = [];

    internal IEnumerable<string> Problems()
    {
        const string path = $"{SiloConfiguration.Section}:Log:Witnesses";
        if (Witnesses.Count > WitnessPolicy.WitnessesMax)
        {
            yield return $"{path} names {Witnesses.Count} witnesses: a checkpoint carries at most {WitnessPolicy.WitnessesMax}.";
        }

        for (var i = 0; i < Witnesses.Count; i++)
        {
            if (!Uri.TryCreate(Witnesses[i].Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                yield return $"{path}:{i}:Url is '{Witnesses[i].Url}': "
                    + "take the http(s) address below which the witness has add-checkpoint.";
            }

            if (KeyProblem(Witnesses[i].Key) is { } problem)
            {
                yield return $"{path}:{i}:Key cannot stand: {problem}.";
            }
        }

        if (Witnesses.GroupBy(witness => witness.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            yield return $"{path} names the key '{twice.Key}' twice: name each witness once.";
        }
    }

    static string? KeyProblem(string key)
    {
        try
        {
            _ = CosignatureVerifier.Parse(key);
            return null;
        }
        catch (ProofFormatException exception)
        {
            return exception.Message;
        }
    }
}

/// <summary>One of <see cref="LogOptions.Witnesses"/>.</summary>
public sealed class WitnessOptions
{
    /// <summary>Submission prefix of the witness: <c>add-checkpoint</c> is below it.</summary>
    public string Url { get; set; } = "";

    /// <summary>The witness's verifier key, <c>name+hash+base64</c> of type 4.</summary>
    public string Key { get; set; } = "";
}
