using System.CommandLine;
using OpenLedger.Client;
using OpenLedger.Grains.Governance;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger governance</c>: parameters, votes and proposals of a data folder's network.</summary>
static class GovernanceCommand
{
    public static Command Build() => new(
        "governance",
        "What the network is governed by: parameters, votes, proposals.")
    {
        Params(), Power(), Lock(), Unlock(), Delegate(), Propose(), Vote(),
        OnProposal("queue", "Queue a proposal that succeeded: its timelock runs from here.", (client, id) => client.Queue(id)),
        OnProposal("execute", "Make a queued proposal's changes, once its timelock has run out.", (client, id) => client.Execute(id)),
        OnProposal("cancel", "Cancel a proposal, where the account may.", (client, id) => client.Cancel(id)),
        Show(), List(),
    };

    static Command Params()
    {
        var folder = new FolderOptions();
        var command = new Command("params", "Show every governed parameter and its value.") { folder.Data, folder.Json };
        command.SetAction((result, cancellationToken) => Act(
            result, folder, (client, _) => client.GetParameters(),
            parameters => GovernanceOutput.Print(parameters, result.GetValue(folder.Json)), cancellationToken));
        return command;
    }

    static Command Power()
    {
        var folder = new FolderOptions();
        var account = new Argument<string?>("account")
        {
            Description = "Whose; without it, the data folder's own account.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("power", "Show what an account has locked, whom it delegates to, and what it votes with.")
        {
            account, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result, folder, (client, own) => client.GetVotingPower(result.GetValue(account) ?? own),
            power => GovernanceOutput.Print(power, result.GetValue(folder.Json)), cancellationToken));
        return command;
    }

    static Command Lock()
    {
        var folder = new FolderOptions();
        var amount = new Argument<string>("amount") { Description = "OPEN to lock for voting." };
        var to = new Option<string?>("--delegate")
        {
            Description = "Whom to delegate to: an account, or 'self'. Locked OPEN counts for nobody until it is delegated.",
            HelpName = "account",
        };
        var command = new Command("lock", "Lock OPEN for voting; it comes back with unlock.")
        {
            amount, to, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            (client, own) => client.Lock(new LockVotes(
                NewId(), own, Amount.Parse(result.GetRequiredValue(amount)), result.GetValue(to) is { } name ? Account(name, own) : "")),
            power => GovernanceOutput.Print(power, result.GetValue(folder.Json)),
            cancellationToken));
        return command;
    }

    static Command Unlock()
    {
        var folder = new FolderOptions();
        var amount = new Argument<string>("amount") { Description = "OPEN to take back." };
        var command = new Command("unlock", "Take locked OPEN back; votes on proposals whose snapshot is past stay.")
        {
            amount, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            (client, own) => client.Unlock(new UnlockVotes(NewId(), own, Amount.Parse(result.GetRequiredValue(amount)))),
            power => GovernanceOutput.Print(power, result.GetValue(folder.Json)),
            cancellationToken));
        return command;
    }

    static Command Delegate()
    {
        var folder = new FolderOptions();
        var to = new Argument<string>("account") { Description = "Who shall vote: an account, 'self', or 'nobody'." };
        var command = new Command("delegate", "Give the votes of what is locked, now and later, to an account.")
        {
            to, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            (client, own) => client.Delegate(new DelegateVotes(own, Account(result.GetRequiredValue(to), own))),
            power => GovernanceOutput.Print(power, result.GetValue(folder.Json)),
            cancellationToken));
        return command;
    }

    static Command Propose()
    {
        var folder = new FolderOptions();
        var title = new Argument<string>("title") { Description = "One line." };
        var description = new Option<string>("--description") { Description = "Why.", DefaultValueFactory = _ => "" };
        var changes = new Option<string[]>("--set")
        {
            Description = "A parameter's new value, as fee-split=500/2000/2000/5500; several are made together or not at all. "
                + "Without any it is a signal, which executes nothing.",
            HelpName = "name=value",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("propose", "Make a proposal; takes 10,000 votes unless governance has decided otherwise.")
        {
            title, description, changes, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            (client, own) => client.Propose(new ProposeChanges(
                NewId(),
                own,
                result.GetRequiredValue(title),
                result.GetRequiredValue(description),
                [.. (result.GetValue(changes) ?? []).Select(Change)])),
            proposal => GovernanceOutput.Print(proposal, result.GetValue(folder.Json)),
            cancellationToken));
        return command;
    }

    static Command Vote()
    {
        var folder = new FolderOptions();
        var id = ProposalArgument();
        var choice = new Argument<string>("choice") { Description = "for, against or abstain; a vote is cast once and stands." };
        choice.AcceptOnlyFromAmong("for", "against", "abstain");
        var command = new Command("vote", "Vote on a proposal, with the votes that the account had at its snapshot.")
        {
            id, choice, folder.Key, folder.PassphraseFile, folder.Data, folder.Json,
        };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            (client, own) => client.Vote(new CastVote(
                result.GetRequiredValue(id), own, Enum.Parse<VoteChoice>(result.GetRequiredValue(choice), ignoreCase: true))),
            vote => GovernanceOutput.Print(vote, result.GetValue(folder.Json)),
            cancellationToken));
        return command;
    }

    static Command Show()
    {
        var folder = new FolderOptions();
        var id = ProposalArgument();
        var command = new Command("show", "Show a proposal: its text, its state, its votes.") { id, folder.Data, folder.Json };
        command.SetAction((result, cancellationToken) => Act(
            result,
            folder,
            async (client, _) => (
                Card: await client.GetProposal(result.GetRequiredValue(id)), Content: await client.GetContent(result.GetRequiredValue(id))),
            shown => GovernanceOutput.Print(shown.Card, result.GetValue(folder.Json), shown.Content.Description),
            cancellationToken));
        return command;
    }

    static Command List()
    {
        var folder = new FolderOptions();
        var skip = new Option<int>("--skip") { Description = "How many of the newest to leave out." };
        var count = new Option<int>("--count") { Description = "How many to list, 1 to 100.", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "List proposals, the newest first.") { skip, count, folder.Data, folder.Json };
        command.SetAction((result, cancellationToken) => Act(
            result, folder, (client, _) => client.GetProposals(result.GetValue(skip), result.GetValue(count)),
            page => GovernanceOutput.Print(page, result.GetValue(folder.Json)), cancellationToken));
        return command;
    }

    static Command OnProposal(string name, string description, Func<GovernanceClient, string, Task<ProposalCard>> act)
    {
        var folder = new FolderOptions();
        var id = ProposalArgument();
        var command = new Command(name, description) { id, folder.Key, folder.PassphraseFile, folder.Data, folder.Json };
        command.SetAction((result, cancellationToken) => Act(
            result, folder, (client, _) => act(client, result.GetRequiredValue(id)),
            proposal => GovernanceOutput.Print(proposal, result.GetValue(folder.Json)), cancellationToken));
        return command;
    }

    static async Task<int> Act<T>(
        ParseResult result,
        FolderOptions folder,
        Func<GovernanceClient, string, Task<T>> act,
        Action<T> print,
        CancellationToken cancellationToken)
    {
        print(await folder.Run(result, (client, account) => act(client.Governance, account), cancellationToken));
        return ExitCodes.Success;
    }

    static Argument<string> ProposalArgument() => new("id") { Description = "The proposal's id (pr_…)." };

    static string Account(string name, string own) => name switch
    {
        "self" => own,
        "nobody" => "",
        _ => name,
    };

    static ParameterValue Change(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new ParameterValue(text[..equals], text[(equals + 1)..])
            : throw new UserErrorException($"'{text}' is not a change: write a parameter and its new value, as slash-spam=500.");
    }

    /// <summary>A command given twice is two commands: each has an id of its own.</summary>
    static string NewId() => Convert.ToHexStringLower(IdSource.Secure().NextBytes(16));
}
