using OpenLedger.Datanets;
using OpenLedger.Grains.Contributors;
using OpenLedger.Grains.Hosting;
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
    Datanet? _datanet;

    public DatanetGrain([PersistentState("datanet")] IPersistentState<DatanetState> state, IBlobStore blobs, ModelStore models)
    {
        _state = state;
        _blobs = blobs;
        _models = models;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Datanet, "a Datanet");
        _datanet = _state.State.ToDatanet(hash => _blobs.ReadVerified(hash));
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<DatanetCard> Create(CreateDatanet command)
    {
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

        _datanet = new Datanet(description);
        _state.State.ModelId = command.ModelId;
        await Save();
        return Card();
    }

    public async Task<ContributionReceipt> Contribute(Contribution contribution)
    {
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

        await contributor.RecordContribution(
            new ContributionNotice(contribution.ContributionId, this.GetPrimaryKeyString(), prepared.Record.RowCount));
        return new ContributionReceipt(
            contribution.ContributionId,
            prepared.Record.FileHash.ToString(),
            prepared.Record.RowCount,
            [.. fitted.Splits.Select(split => new TextSplit(split.Line, split.TokenCount, split.PartCount))]);
    }

    public async Task<DatanetVersionCard> Publish()
    {
        var datanet = Existing();
        var prepared = datanet.PrepareVersion();
        if (!prepared.IsRepetition)
        {
            _blobs.Put(prepared.CanonicalRows.Span);
            datanet.Publish(prepared);
            await Save();
        }

        return ToCard(prepared.Version);
    }

    public async Task Grant(AccessGrant grant)
    {
        Existing().Grant(new VersionGrant(grant.Grantee, grant.Version, grant.Purpose, grant.GrantedBy));
        await Save();
    }

    public async Task Revoke(string grantee, int version, string revokedBy)
    {
        if (Existing().Revoke(grantee, version, revokedBy))
        {
            await Save();
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

    async Task Save()
    {
        _state.State = DatanetState.Of(_datanet!.Capture(), _state.State.ModelId);
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
            _state.State.ModelId);
    }

    DatanetVersionCard ToCard(DatanetVersion version) => new(
        this.GetPrimaryKeyString(),
        version.Number,
        version.RowsHash.ToString(),
        version.RowCount,
        version.RowsByContributor.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));
}
