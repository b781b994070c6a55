namespace OpenLedger.Grains.Treasury;

/// <summary>What the treasury keeps beside the book: what it is about to pay, and what it will pay for. Amounts as decimal texts.</summary>
[GenerateSerializer, Alias("openledger.treasury.state")]
public sealed class TreasuryState
{
    /// <summary>Number of the epoch of contributions that is open.</summary>
    [Id(0)] public long Epoch { get; set; }

    /// <summary>When it began: with its first contribution; 0 while there is none.</summary>
    [Id(1)] public long EpochStartMs { get; set; }

    /// <summary>Accepted rows by account in the open epoch.</summary>
    [Id(2)] public Dictionary<string, long> Rows { get; set; } = [];

    /// <summary>Ids of contributions of the open epoch and the one before, in order of arrival.</summary>
    [Id(3)] public List<string> RecentContributions { get; set; } = [];

    /// <summary>Rewards planned so far, paid or about to be.</summary>
    [Id(4)] public string Emitted { get; set; } = Amount.Zero.ToString();

    /// <summary>Rewards of <see cref="PaymentEpoch"/> that are planned and not known to be paid.</summary>
    [Id(5)] public List<StoredReward> Payment { get; set; } = [];

    [Id(6)] public long PaymentEpoch { get; set; }

    /// <summary>What the treasury has burned by governance's decisions, the pending burn excluded.</summary>
    [Id(7)] public string Burned { get; set; } = Amount.Zero.ToString();

    /// <summary>What <see cref="Burned"/> comes to when the burn that was begun is done; empty when none was.</summary>
    [Id(8)] public string BurnPending { get; set; } = "";
}

/// <param name="Amount">Decimal text.</param>
[GenerateSerializer, Immutable, Alias("openledger.treasury.state.reward")]
public sealed record StoredReward([property: Id(0)] string Account, [property: Id(1)] string Amount);
