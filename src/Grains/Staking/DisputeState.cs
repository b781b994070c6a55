using OpenLedger.Economy;

namespace OpenLedger.Grains.Staking;

/// <summary>What a dispute's grain keeps. Amounts are decimal text, hashes as <see cref="ContentHash"/> writes them.</summary>
[GenerateSerializer, Alias("openledger.dispute.state")]
public sealed class DisputeState
{
    /// <summary>The accusation; null before there is one.</summary>
    [Id(0)] public OpenDispute? Command { get; set; }

    /// <summary>Whether the bond is here and everything is frozen.</summary>
    [Id(1)] public bool IsSetUp { get; set; }

    /// <summary>The challenger's authorisation of the bond, as the HTTP header's value.</summary>
    [Id(2)] public string SpenderHeader { get; set; } = "";

    [Id(3)] public string SpenderTarget { get; set; } = "";

    [Id(4)] public string SpenderBody { get; set; } = "";

    [Id(5)] public string Bond { get; set; } = "0";

    [Id(6)] public int SlashBasisPoints { get; set; }

    [Id(7)] public long WindowSeconds { get; set; }

    [Id(8)] public DisputeStage Stage { get; set; }

    [Id(9)] public long DeadlineSeconds { get; set; }

    [Id(10)] public long VoteBeganSeconds { get; set; }

    [Id(11)] public string Answer { get; set; } = "";

    [Id(12)] public string Uphold { get; set; } = "0";

    [Id(13)] public string Reject { get; set; } = "0";

    [Id(14)] public List<string> Voters { get; set; } = [];

    /// <summary>The credit on the receipt that is disputed; empty for all of the accused's credit.</summary>
    [Id(15)] public string DisputedCredit { get; set; } = "";

    [Id(16)] public string FrozenCredit { get; set; } = "0";

    [Id(17)] public bool IsConcluded { get; set; }

    [Id(18)] public string Slashed { get; set; } = "0";

    [Id(19)] public string Forfeited { get; set; } = "0";

    public Dispute ToDispute()
    {
        var command = Command!;
        var claim = new DisputeClaim(
            command.Challenger,
            command.Accused,
            (DisputeKind)command.Reason,
            ContentHash.Parse(command.EvidenceHash),
            Amount.Parse(Bond),
            SlashBasisPoints,
            WindowSeconds);
        return Dispute.Restore(claim) with
        {
            Stage = Stage,
            DeadlineSeconds = DeadlineSeconds,
            VoteBeganSeconds = VoteBeganSeconds,
            Answer = Answer.Length == 0 ? default : ContentHash.Parse(Answer),
            Uphold = Amount.Parse(Uphold),
            Reject = Amount.Parse(Reject),
            Voters = [.. Voters],
        };
    }

    public void Take(Dispute dispute)
    {
        (Stage, DeadlineSeconds, VoteBeganSeconds) = (dispute.Stage, dispute.DeadlineSeconds, dispute.VoteBeganSeconds);
        Answer = dispute.IsAnswered ? dispute.Answer.ToString() : "";
        (Uphold, Reject) = (dispute.Uphold.ToString(), dispute.Reject.ToString());
        Voters = [.. dispute.Voters];
    }
}
