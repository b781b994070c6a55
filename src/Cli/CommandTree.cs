using System.CommandLine;
using OpenLedger.Cli.Commands;

namespace OpenLedger.Cli;

/// <summary>Every command of <c>openledger</c>.</summary>
static class CommandTree
{
    public static RootCommand Build() => new(
        "OpenLedger pays the people whose data made a model better, provably, every time the model answers.\n"
        + "Start with 'openledger demo': it plays the whole loop in a few minutes.")
    {
        DemoCommand.Build(),
        UpCommand.Build(),
        KeysCommand.Build(),
        AskCommand.Build(),
        PayCommand.Build(),
        VerifyCommand.Build(),
        LogCommand.Build(),
        MonitorCommand.Build(),
        WitnessCommand.Build(),
        StatementCommand.Build(),
        ReceiptCommand.Build(),
        MigrateCommand.Build(),
        FsckCommand.Build(),
        PretrainCommand.Build(),
        GovernanceCommand.Build(),
        SupplyCommand.Build(),
        SupplyCommand.BuildVesting(),
        SupplyCommand.BuildBurn(),
        EarningsCommand.BuildEstimate(),
        EarningsCommand.BuildEpoch(),
        StakingCommand.BuildStake(),
        StakingCommand.BuildUnstake(),
        StakingCommand.BuildWithdraw(),
        StakingCommand.BuildClaim(),
        StakingCommand.BuildPool(),
        DisputeCommand.Build(),
    };
}
