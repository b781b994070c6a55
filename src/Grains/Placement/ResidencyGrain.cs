using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Placement;

/// <summary>Collects what the silos publish, in memory: an activation that moves is filled again within a second.</summary>
sealed class ResidencyGrain : Grain, IResidencyGrain
{
    readonly ResidencyBoard _board;
    readonly RequestVerifier _requests;

    public ResidencyGrain(TimeProvider clock, RequestVerifier requests)
    {
        _board = new ResidencyBoard(clock);
        _requests = requests;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.ResidencyTable, "a residency table");
        return base.OnActivateAsync(cancellationToken);
    }

    public Task<IReadOnlyList<ResidencyEntry>> Publish(SiloResidency residency, Authorization authorization)
    {
        var body = RequestBody.Of(residency);
        _requests.Verify<IResidencyGrain>(this.GetPrimaryKeyString(), nameof(Publish), authorization, body).RequireNetwork();
        _board.Put(residency);
        return Task.FromResult(_board.Entries());
    }

    public Task<IReadOnlyList<ResidencyEntry>> GetTable() => Task.FromResult(_board.Entries());
}
