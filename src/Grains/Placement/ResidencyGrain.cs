namespace OpenLedger.Grains.Placement;

/// <summary>Collects what the silos publish, in memory: an activation that moves is filled again within a second.</summary>
sealed class ResidencyGrain : Grain, IResidencyGrain
{
    readonly ResidencyBoard _board;

    public ResidencyGrain(TimeProvider clock) => _board = new ResidencyBoard(clock);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.ResidencyTable, "a residency table");
        return base.OnActivateAsync(cancellationToken);
    }

    public Task<IReadOnlyList<ResidencyEntry>> Publish(SiloResidency residency)
    {
        _board.Put(residency);
        return Task.FromResult(_board.Entries());
    }

    public Task<IReadOnlyList<ResidencyEntry>> GetTable() => Task.FromResult(_board.Entries());
}
