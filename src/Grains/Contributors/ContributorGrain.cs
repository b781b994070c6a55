using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Treasury;

namespace OpenLedger.Grains.Contributors;

/// <summary>Profile and contribution summary of one account.</summary>
sealed class ContributorGrain : Grain, IContributorGrain
{
    /// <summary>Ids of contributions kept to recognise repetitions; older ones are forgotten in order of arrival.</summary>
    const int RecentContributionsMax = 1_024;

    const int NameCharactersMax = 100;

    readonly IPersistentState<ContributorState> _state;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly RequestVerifier _requests;

    public ContributorGrain(
        [PersistentState("contributor")] IPersistentState<ContributorState> state,
        NetworkLedger ledger,
        NetworkAuthority network,
        RequestVerifier requests)
    {
        _state = state;
        _ledger = ledger;
        _network = network;
        _requests = requests;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Contributor, "a contributor");
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<ContributorSummary> Register(RegisterContributor command, Authorization authorization)
    {
        // No nonce is kept: a name is set once, so that a request sent again finds what it asked for.
        var account = this.GetPrimaryKeyString();
        _requests.Verify<IContributorGrain>(account, nameof(Register), authorization, RequestBody.Of(command))
            .RequireAccount(account, "the contributor");
        var name = command.Name.Trim();
        if (name.Length is 0 or > NameCharactersMax)
        {
            throw new RefusedException($"A contributor's name has 1 to {NameCharactersMax} characters; this one has {name.Length}.");
        }

        if (AccountAddress.FromPublicKey(command.PublicKey.Span).ToString() != account)
        {
            throw new RefusedException($"The public key does not belong to account {account}: an address is made from its key.");
        }

        if (_state.State.Name.Length > 0)
        {
            return _state.State.Name == name
                ? Summary()
                : throw new RefusedException($"Account {account} is registered as '{_state.State.Name}' already.");
        }

        // The account is opened first: whoever is registered can be paid.
        await _ledger.OpenAccounts([account]);
        _state.State.Name = name;
        _state.State.PublicKey = command.PublicKey.ToArray();
        await _state.WriteStateAsync();
        return Summary();
    }

    public async Task RecordContribution(ContributionNotice contribution, Authorization authorization)
    {
        var body = RequestBody.Of(contribution);
        _requests.Verify<IContributorGrain>(this.GetPrimaryKeyString(), nameof(RecordContribution), authorization, body).RequireNetwork();
        var recent = _state.State.RecentContributions;
        if (recent.Contains(contribution.ContributionId))
        {
            return;
        }

        // A contribution that was accepted before is rewarded only where it is certain that it has not been: nothing was forgotten yet.
        if (!contribution.IsRepetition || recent.Count < RecentContributionsMax)
        {
            await Reward(contribution);
        }

        recent.Add(contribution.ContributionId);
        if (recent.Count > RecentContributionsMax)
        {
            recent.RemoveAt(0);
        }

        _state.State.ContributionCount++;
        _state.State.RowCount += contribution.RowCount;
        await _state.WriteStateAsync();
    }

    public Task<ContributorSummary> GetSummary() => Task.FromResult(Summary());

    Task Reward(ContributionNotice contribution)
    {
        var accepted = new AcceptedContribution(
            $"{contribution.DatanetId}/{contribution.ContributionId}", this.GetPrimaryKeyString(), contribution.RowCount);
        return GrainFactory.GetGrain<ITreasuryGrain>(Networks.Main).RecordContribution(accepted, _network.Authorize<ITreasuryGrain>(
            Networks.Main, nameof(ITreasuryGrain.RecordContribution), RequestBody.Of(accepted)));
    }

    ContributorSummary Summary() => new(
        this.GetPrimaryKeyString(),
        _state.State.Name,
        _state.State.Name.Length > 0,
        _state.State.ContributionCount,
        _state.State.RowCount);
}

/// <summary>What a contributor's grain keeps.</summary>
[GenerateSerializer, Alias("openledger.contributor.state")]
public sealed class ContributorState
{
    [Id(0)] public string Name { get; set; } = "";

    [Id(1)] public byte[] PublicKey { get; set; } = [];

    [Id(2)] public long ContributionCount { get; set; }

    [Id(3)] public long RowCount { get; set; }

    [Id(4)] public List<string> RecentContributions { get; set; } = [];
}
