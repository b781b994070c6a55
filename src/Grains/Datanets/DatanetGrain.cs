using OpenLedger.Datanets;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Contributors;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Datanets;

/// <summary>One Datanet. Its rows lie in the blob store; the state holds their hashes, versions and grants.</summary>
sealed class DatanetGrain : Grain, IDatanetGrain
{
    const int NameCharactersMax = 100;
    const int DescriptionCharactersMax = 10_000;

    readonly IPersistentState<DatanetState> _state;
    readonly IBlobStore _blobs;
    readonly ModelStore _models;
    readonly LineageReader _lineage;
    readonly NetworkAuthority _network;
    readonly RequestVerifier _requests;
    Datanet? _datanet;

    public DatanetGrain(
        [PersistentState("datanet")] IPersistentState<DatanetState> state,
        IBlobStore blobs,
        ModelStore models,
        LineageReader lineage,
        NetworkAuthority network,
        RequestVerifier requests)
    {
        _lineage = lineage;
        _state = state;
        _blobs = blobs;
        _models = models;
        _network = network;
        _requests = requests;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Datanet, "a Datanet");
        _datanet = _state.State.ToDatanet(hash => _blobs.ReadVerified(hash));
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<DatanetCard> Create(CreateDatanet command, Authorization authorization)
    {
        // No nonce is kept: a Datanet is created once, and the same request finds it.
        Verify(nameof(Create), authorization, RequestBody.Of(command)).RequireAccount(command.Owner, "the owner");
        if (command.Name.Trim().Length is 0 or > NameCharactersMax || command.Description.Length > DescriptionCharactersMax
            || command.Licence.Length > DescriptionCharactersMax)
        {
            throw new RefusedException(
                $"A Datanet has a name of 1 to {NameCharactersMax} characters, "
                + $"and description and licence of at most {DescriptionCharactersMax:N0}.");
        }

        if (!AccountAddress.TryParse(command.Owner, out _))
        {
            throw new RefusedException($"The owner '{command.Owner}' is not an account address.");
        }

        var description = new DatanetDescription(
            this.GetPrimaryKeyString(), command.Name, command.Description, command.Licence, command.Owner);
        if (_datanet is { } datanet)
        {
            return datanet.Description == description && _state.State.ModelId == command.ModelId
                ? Card()
                : throw new RefusedException($"Datanet {description.Id} exists already, with another description or owner.");
        }

        if (command.ModelId.Length > 0)
        {
            await GrainFactory.GetGrain<IModelGrain>(command.ModelId).GetCard();
        }

        _state.State.Lineage = await _lineage.OfDatanet(this.GetPrimaryKeyString(), command);
        _state.State.RoyaltyBasisPoints = command.RoyaltyBasisPoints;
        _datanet = new Datanet(description);
        _state.State.ModelId = command.ModelId;
        await Save();
        return Card();
    }

    public async Task<ContributionReceipt> Contribute(Contribution contribution, Authorization authorization)
    {
        // Repetitions are known by the contribution's id, for good, and answered like the first.
        Verify(nameof(Contribute), authorization, RequestBody.Of(contribution))
            .RequireAccount(contribution.Contributor, "the contributor");
        var datanet = Existing();
        var contributor = GrainFactory.GetGrain<IContributorGrain>(contribution.Contributor);
        if (!AccountAddress.TryParse(contribution.Contributor, out _) || !(await contributor.GetSummary()).Registered)
        {
            throw new RefusedException($"Contributor '{contribution.Contributor}' is not registered; only who is registered can be paid.");
        }

        var fitted = await Fit(RowParser.Parse(contribution.FileName, contribution.Content.Span));
        var prepared = datanet.Prepare(contribution.ContributionId, contribution.Contributor, fitted.File);
        if (!prepared.IsRepetition)
        {
            // Bytes first, then the state that names them: a crash between the two leaves an unused blob and nothing else.
            _blobs.Put(prepared.CanonicalRows.Span);
            datanet.Accept(prepared);
            await Save();
        }

        var notice = new ContributionNotice(
            contribution.ContributionId, this.GetPrimaryKeyString(), prepared.Record.RowCount, prepared.IsRepetition);
        await contributor.RecordContribution(notice, _network.Authorize<IContributorGrain>(
            contribution.Contributor, nameof(IContributorGrain.RecordContribution), RequestBody.Of(notice)));
        return new ContributionReceipt(
            contribution.ContributionId,
            prepared.Record.FileHash.ToString(),
            prepared.Record.RowCount,
            [.. fitted.Splits.Select(split => new TextSplit(split.Line, split.TokenCount, split.PartCount))]);
    }

    public async Task<DatanetVersionCard> Publish(Authorization authorization)
    {
        var request = Verify(nameof(Publish), authorization, RequestBody.Nothing);
        var datanet = Existing();
        request.RequireAccount(datanet.Description.Owner, "the Datanet's owner");
        if (_state.State.Nonces.IsRepetition(request, _requests.NowMs))
        {
            return ToCard(datanet.Versions[^1]);
        }

        var prepared = datanet.PrepareVersion();
        if (!prepared.IsRepetition)
        {
            _blobs.Put(prepared.CanonicalRows.Span);
            datanet.Publish(prepared);
        }

        // Written even where there was nothing new: rows that are staged later are not published by a request of before.
        await Save(request);

        return ToCard(prepared.Version);
    }

    public async Task Grant(AccessGrant grant, Authorization authorization)
    {
        var request = Verify(nameof(Grant), authorization, RequestBody.Of(grant)).RequireAccount(grant.GrantedBy, "who grants");
        var datanet = Existing();
        if (!_state.State.Nonces.IsRepetition(request, _requests.NowMs))
        {
            datanet.Grant(new VersionGrant(grant.Grantee, grant.Version, grant.Purpose, grant.GrantedBy));
            await Save(request);
        }
    }

    public async Task Revoke(string grantee, int version, string revokedBy, Authorization authorization)
    {
        var request = Verify(nameof(Revoke), authorization, RequestBody.Of(grantee, version, revokedBy))
            .RequireAccount(revokedBy, "who revokes");
        var datanet = Existing();
        if (!_state.State.Nonces.IsRepetition(request, _requests.NowMs))
        {
            // Written even where there was no such grant: one that is made later is not revoked by a request of before.
            datanet.Revoke(grantee, version, revokedBy);
            await Save(request);
        }
    }

    public Task<DatanetVersionCard> OpenVersion(int number, string grantee) => Task.FromResult(ToCard(Existing().Open(number, grantee)));

    public Task<DatanetCard> GetCard()
    {
        Existing();
        return Task.FromResult(Card());
    }

    /// <summary>Makes rows fit the context of the model that the Datanet names.</summary>
    async Task<FittedFile> Fit(ParsedFile file)
    {
        if (_state.State.ModelId.Length == 0)
        {
            return new FittedFile(file, []);
        }

        var card = await GrainFactory.GetGrain<IModelGrain>(_state.State.ModelId).GetCard();
        var model = _models.Get(card);
        return ContextFit.Fit(file, card.ContextLength, row => RowTokens.Count(model, row));
    }

    Datanet Existing() => _datanet ?? throw new RefusedException($"There is no Datanet {this.GetPrimaryKeyString()}; create it first.");

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IDatanetGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    /// <param name="request">The request that changed something, to be known again; null where its own id makes it known.</param>
    async Task Save(VerifiedRequest? request = null)
    {
        if (request is not null)
        {
            _state.State.Nonces.Remember(request);
        }

        _state.State = DatanetState.Of(_datanet!.Capture(), _state.State);
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            // What is in memory is ahead of what is stored: the next activation starts from the store.
            DeactivateOnIdle();
            throw;
        }
    }

    DatanetCard Card()
    {
        var datanet = _datanet!;
        var description = datanet.Description;
        return new DatanetCard(
            description.Id,
            description.Name,
            description.Description,
            description.Licence,
            description.Owner,
            datanet.Versions.Count,
            datanet.StagedRowCount,
            [.. datanet.Grants.Select(grant => new AccessGrant(grant.Grantee, grant.Version, grant.Purpose, grant.GrantedBy))],
            _state.State.ModelId,
            [.. _state.State.Lineage],
            _state.State.RoyaltyBasisPoints);
    }

    DatanetVersionCard ToCard(DatanetVersion version) => new(
        this.GetPrimaryKeyString(),
        version.Number,
        version.RowsHash.ToString(),
        version.RowCount,
        version.RowsByContributor.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));
}
