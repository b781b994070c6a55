using System.Reflection;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;
using OpenLedger.Grains.Treasury;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>
/// Whoever reaches a silo's port has a grain factory and can call any grain. Every method that changes something refuses him: the
/// methods are found by reflection, so that a new one is held to it too.
/// </summary>
[Collection(TrainedNetwork.Name)]
public sealed class RogueClientTests(TrainedNetwork fixture)
{
    /// <summary>Methods that take no authorisation though they are neither named Get… nor [ReadOnly], and why.</summary>
    static readonly Dictionary<string, string> harmless = new(StringComparer.Ordinal)
    {
        [$"{nameof(IModelGrain)}.{nameof(IModelGrain.Generate)}"] = "computes and keeps nothing",
        [$"{nameof(IAdapterGrain)}.{nameof(IAdapterGrain.Generate)}"] = "computes and keeps nothing",
        [$"{nameof(IAttributionGrain)}.{nameof(IAttributionGrain.Prepare)}"] = "reads artefacts into memory ahead of time",
        [$"{nameof(IAttributionGrain)}.{nameof(IAttributionGrain.Attribute)}"] = "computes and keeps nothing",
        [$"{nameof(ILedgerGrain)}.{nameof(ILedgerGrain.ExportReceipt)}"] = "reads",
    };

    public static TheoryData<string> SignedMethods { get; } = [.. ForgedCall.AllMethods.Where(ForgedCall.IsSigned).Select(Name)];

    /// <summary>
    /// Anybody's who signs: an empty account is nobody's loss, what is due may be done by anybody, and who cancels is judged by the
    /// proposal's state.
    /// </summary>
    static readonly HashSet<string> anybodys =
    [
        $"{nameof(ILedgerGrain)}.{nameof(ILedgerGrain.OpenAccounts)}",
        $"{nameof(IGovernanceGrain)}.{nameof(IGovernanceGrain.Queue)}",
        $"{nameof(IGovernanceGrain)}.{nameof(IGovernanceGrain.Execute)}",
        $"{nameof(IGovernanceGrain)}.{nameof(IGovernanceGrain.Cancel)}",
        $"{nameof(ITreasuryGrain)}.{nameof(ITreasuryGrain.Release)}",
    ];

    public static TheoryData<string> OwnedMethods { get; } =
        [.. ForgedCall.AllMethods.Where(ForgedCall.IsSigned).Select(Name).Where(name => !anybodys.Contains(name))];

    [Fact]
    public void Every_method_that_changes_something_takes_an_authorisation()
    {
        var unsigned = ForgedCall.AllMethods.Where(method => !ForgedCall.IsSigned(method) && !IsRead(method)).Select(Name).ToList();
        unsigned.Should().BeEquivalentTo(
            harmless.Keys, "a method without an Authorization is named Get…, is [ReadOnly], or stands in the list with its reason");
        ForgedCall.AllMethods.Where(ForgedCall.IsSigned).Should().HaveCountGreaterThanOrEqualTo(18);
    }

    [Theory]
    [MemberData(nameof(SignedMethods))]
    public async Task Without_a_valid_authorisation_a_call_is_refused(string method)
    {
        var call = Call(method);
        using var mallory = SampleNetwork.NewKey("mallory");
        var network = await fixture.Client.Ledger.GetOrigin();
        var own = call.SignedBy(mallory, network);
        using var otherLog = new NoteSigner(network, Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]));
        var falseNetwork = new NetworkAuthority(NetworkKey.Of(otherLog), TimeProvider.System, IdSource.Secure());
        var before = await State();

        await Refused(call, null);
        await Refused(call, own with { Signature = default });
        await Refused(call, own with { Account = SampleNetwork.Trainer });
        await Refused(call, own with { Account = NetworkKey.Account });
        await Refused(call, own with { Account = SystemAccounts.Treasury });
        await Refused(call, call.ProvedBy(falseNetwork));
        await Refused(call, call.SignedBy(mallory, "another.network/log"));
        await Refused(call, call.ProvedBy(fixture.Service<NetworkAuthority>()) with { Account = mallory.Address });
        await Refused(call, call.ProvedBy(fixture.Service<NetworkAuthority>()) with { BodyHash = new byte[ContentHash.SizeBytes] });
        await Refused(call, new ForgedCall(Find(method), seed: 2).ProvedBy(fixture.Service<NetworkAuthority>()), unlessNoArguments: true);
        await Refused(call, fixture.Service<NetworkAuthority>().Authorize<IRogueGrain>(call.GrainKey, "Call", RequestBody.Nothing));

        (await State()).Should().BeEquivalentTo(before);
    }

    [Theory]
    [MemberData(nameof(OwnedMethods))]
    public async Task A_valid_signature_of_somebody_else_is_refused(string method)
    {
        using var mallory = SampleNetwork.NewKey("mallory");
        var call = Call(method);
        await Refused(call, call.SignedBy(mallory, await fixture.Client.Ledger.GetOrigin()));
    }

    static ForgedCall Call(string method) => new(Find(method));

    static MethodInfo Find(string name) => ForgedCall.AllMethods.Single(method => Name(method) == name);

    static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    static bool IsRead(MethodInfo method) => method.Name.StartsWith("Get", StringComparison.Ordinal)
        || method.IsDefined(typeof(Orleans.Concurrency.ReadOnlyAttribute), inherit: false);

    async Task Refused(ForgedCall call, Authorization? authorization, bool unlessNoArguments = false)
    {
        if (unlessNoArguments && !call.HasArguments)
        {
            return;
        }

        var act = () => call.Send(fixture.Silo.Grains, authorization);
        (await act.Should().ThrowAsync<RefusedException>()).Which.Message.Should().StartWith(RequestVerifier.Refusal);
    }

    async Task<object> State() => new
    {
        Summary = await fixture.Client.Ledger.GetSummary(),
        Treasury = await fixture.Network.Balance(SystemAccounts.Treasury),
        Trainer = await fixture.Network.Balance(SampleNetwork.Trainer),
        Datanet = await fixture.Client.Datanets.Get(SampleNetwork.DatanetId),
        Anna = await fixture.Client.Accounts.Get(SampleNetwork.Account("Anna")),
        Totals = await fixture.Client.GetContributorTotals(SampleNetwork.AdapterId),
        Adapter = await fixture.Client.GetAdapter(SampleNetwork.AdapterId),
    };
}

/// <summary>A target that no grain is.</summary>
[Alias("openledger.tests.rogue")]
public interface IRogueGrain : IGrainWithStringKey
{
    [Alias("call")]
    Task Call();
}
