namespace OpenLedger.Grains;

/// <summary>
/// The one home of grain keys: a typed prefix of lower-case letters and an underscore, then the name. Orleans' ADO.NET storage reads a
/// key that is a Guid or a hexadecimal number as one, so that two grains would share a row; no key with such a prefix is either.
/// </summary>
public static class GrainKeys
{
    public const string Contributor = AccountAddress.Prefix;
    public const string Datanet = "dn_";
    public const string Model = "md_";
    public const string Adapter = "ad_";
    public const string TrainingJob = "tj_";
    public const string Book = "bk_";
    public const string Request = "rq_";
    public const string ResidencyTable = "rt_";
    public const string StakingPool = "sp_";
    public const string Dispute = "ds_";
    public const string Network = "nw_";
    public const string Proposal = "pr_";

    /// <summary>The most characters of a key: what the key's column of the grain storage takes.</summary>
    public const int CharactersMax = 512;

    const int RequestDigits = 32;

    public static string OfDatanet(string name) => Make(Datanet, name);

    public static string OfModel(string name) => Make(Model, name);

    public static string OfAdapter(string name) => Make(Adapter, name);

    public static string OfTrainingJob(string name) => Make(TrainingJob, name);

    /// <summary>The staking pool of an adapter or a Datanet, by its id.</summary>
    public static string OfStakingPool(string id) => Make(StakingPool, id);

    public static string OfBook(string name) => Make(Book, name);

    public static string OfResidencyTable(string name) => Make(ResidencyTable, name);

    public static string OfNetwork(string name) => Make(Network, name);

    public static string OfProposal(string name) => Make(Proposal, name);

    /// <summary>The key of a request's grain, from the client's request id, which may be any text: 128 bits of its hash.</summary>
    public static string OfRequest(string requestId) =>
        Request + Convert.ToHexStringLower(ContentHash.OfText(requestId).ToArray())[..RequestDigits];

    /// <summary>Refuses a key that another type of grain would have, or none.</summary>
    /// <param name="key">The key that a grain was called by.</param>
    /// <param name="prefix">The prefix of this type of grain, one of the constants above.</param>
    /// <param name="what">What the key names, for the message: "a Datanet".</param>
    /// <exception cref="RefusedException">The key has another prefix, no name after it, or more than
    /// <see cref="CharactersMax"/> characters.</exception>
    public static void Require(string key, string prefix, string what)
    {
        if (!key.StartsWith(prefix, StringComparison.Ordinal) || key.Length == prefix.Length || key.Length > CharactersMax)
        {
            throw new RefusedException(
                $"'{key}' is not the id of {what}: such an id begins with {prefix} and has at most {CharactersMax} characters.");
        }
    }

    static string Make(string prefix, string name) => name.Length > 0
        ? prefix + name
        : throw new ArgumentException($"A key is {prefix} and a name; the name is empty.", nameof(name));
}

/// <summary>The prefix of the keys of a grain interface.</summary>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class KeyPrefixAttribute(string prefix) : Attribute
{
    public string Prefix { get; } = prefix;
}
