using System.Diagnostics;
using OpenLedger.Client;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>Plays the whole loop on an embedded silo: contribute, train, ask, pay, prove, restart.</summary>
sealed class DemoRun
{
    const int AnswerTokensMax = 24;

    static readonly TimeSpan curvePollInterval = TimeSpan.FromMilliseconds(200);

    readonly DemoOptions _options;
    readonly IDemoNarrator _narrator;
    readonly DemoSamples _samples;
    readonly IReadOnlyList<DemoQuestion> _questions;

    public DemoRun(DemoOptions options, IDemoNarrator narrator)
    {
        _options = options;
        _narrator = narrator;
        if (!Directory.Exists(options.ModelFolder))
        {
            // Before the silo starts: a refusal leaves no data folder behind.
            throw new UserErrorException($"There is no model folder '{options.ModelFolder}'. Name one with --model.");
        }

        _samples = DemoSamples.Read(options.SampleFolder);
        _questions = DemoPlan.Draw(_samples, options.QuestionCount, options.Seed);
    }

    public async Task<DemoReport> Run(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var engine = EngineName();
        _narrator.Begin(_options, engine);
        var siloOptions = new SiloOptions
        {
            DataFolder = _options.DataFolder,
            Parameters = DemoGovernance.Parameters,
            Models = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [SiloOptions.ModelId(_options.ModelFolder)] = _options.ModelFolder,
            },
        };
        using var identity = new DemoIdentity(_options.Seed);
        Outcome outcome;
        await using (var silo = await EmbeddedSilo.Start(siloOptions, cancellationToken))
        {
            outcome = await Loop(silo, identity, cancellationToken);
        }

        _narrator.Stage("Restart", "The silo has stopped. It starts again on the same data folder.");
        bool identical;
        await using (var silo = await EmbeddedSilo.Start(siloOptions, cancellationToken))
        {
            var network = new DemoNetwork(silo, identity, _samples, _options.Seed);
            var summary = await network.Client.Ledger.GetSummary(cancellationToken);
            var balances = await network.Balances();
            identical = summary.LogRoot == outcome.Summary.LogRoot
                && summary.LogSize == outcome.Summary.LogSize
                && summary.Conserved
                && outcome.Balances.All(pair => balances.TryGetValue(pair.Key, out var balance) && balance == pair.Value);
            _narrator.Restart(outcome.Summary, summary, identical);
        }

        var report = outcome.Report(clock.Elapsed.TotalSeconds, engine, _samples.Datanet.Name, _questions.Count, identical);
        _narrator.End(report);
        return report;
    }

    async Task<Outcome> Loop(EmbeddedSilo silo, DemoIdentity identity, CancellationToken cancellationToken)
    {
        var network = new DemoNetwork(silo, identity, _samples, _options.Seed);
        var client = network.Client;
        _narrator.Stage("Accounts", "Contributors, a caller and the network open accounts; genesis mints the supply.");
        await network.OpenAccounts();
        _narrator.Stage(
            "Contributions",
            $"{_samples.Files.Count} contributors give their files to the Datanet '{_samples.Datanet.Title}'.");
        var (version, contributions) = await network.FillDatanet(SiloOptions.ModelId(_options.ModelFolder));
        _narrator.Contributions(contributions);
        _narrator.Stage("Training", $"A LoRA adapter learns the {version.RowCount} rows of version {version.Number}, under a grant.");
        var training = await Train(client, network, version.Number, version.RowCount, cancellationToken);
        await client.Deploy(network.AdapterId, cancellationToken);
        var staking = new DemoStaking(network, _narrator);
        _narrator.Stage("Stakes", "Two contributors stake OPEN; the stakers' part of every fee will be theirs.");
        await staking.Stake(silo, identity);

        _narrator.Stage("One question, twice", "The same question goes to the base model and to the adapter. Both answers are paid for.");
        var featured = await new DemoFeature(client, network, _narrator, SiloOptions.ModelId(_options.ModelFolder), Request)
            .Run(_questions[0], cancellationToken);
        _narrator.Stage("More questions", $"{_questions.Count} questions, drawn before training, are asked, paid, attributed and settled.");
        var tally = await Ask(client, network, cancellationToken);
        _narrator.Scores(tally.ExactShare, tally.OwnerFirst(), _questions.Count);
        _narrator.Stage("Governance", "Locked OPEN votes on a proposal that changes how fees are split; the next answer is paid by it.");
        var vote = await new DemoGovernance(silo, identity, network, _narrator).Run(
            featured,
            async () => (await client.Complete(
                Request("governed", network, network.AdapterId, _questions[0].Prompt), cancellationToken)).Settlement,
            cancellationToken);
        _narrator.Stage(
            "Epoch", "What contributors were credited has accrued in a pool; the epoch's end pays it out, and the stakers' part too.");
        var epoch = await staking.Settle(cancellationToken);
        _narrator.Stage("Proof", "The first answer's receipt verifies offline, with nothing but the file and the log's public key.");
        var proof = await DemoProof.Write(client, _options.DataFolder, featured.ReceiptId, _narrator);
        var forged = Request("forged", network, network.AdapterId, _questions[0].Prompt);
        var signatures = await identity.Forge(silo, forged, network.Keys.SignedCount);
        _narrator.Note(
            $"{signatures.SignedRequests} requests were signed by their accounts. One in another's name was "
            + (signatures.ForgedRefused ? $"refused. {signatures.ForgedReason}" : "taken, which must not be."));
        return new Outcome(
            training,
            featured,
            tally,
            proof,
            await client.Ledger.GetSummary(cancellationToken),
            await network.Balances(),
            signatures,
            vote,
            epoch);
    }

    async Task<DemoTraining> Train(OpenLedgerClient client, DemoNetwork network, int version, int rows, CancellationToken cancellationToken)
    {
        var specification = new TrainingSpecification(
            network.Trainer,
            SiloOptions.ModelId(_options.ModelFolder),
            network.DatanetId,
            version,
            network.AdapterId,
            _options.Seed,
            Epochs: _options.Epochs,
            HeldOutRows: _samples.HeldOut);
        var status = await client.Training.Start(network.JobId, specification);
        var points = new List<TrainingPoint>();
        await _narrator.Training(async report =>
        {
            while (status.State is TrainingState.Queued or TrainingState.Running or TrainingState.Evaluating)
            {
                await Task.Delay(curvePollInterval, cancellationToken);
                status = await client.Training.GetStatus(network.JobId);
                points.AddRange(await client.Training.GetCurve(network.JobId, points.Count));
                report(status, points);
            }
        });
        if (status.State != TrainingState.Completed || status.Evaluation is not { } evaluation)
        {
            throw new UserErrorException($"Training ended as {status.State}: {status.Error ?? "no reason was given"}.");
        }

        _narrator.Evaluation(evaluation);
        return new DemoTraining(
            rows,
            status.StepCount,
            Math.Round(evaluation.Seconds, 2),
            Math.Round(evaluation.TokenCount / evaluation.Seconds),
            status.LossFirst,
            status.LossLast,
            evaluation.RowsBase,
            evaluation.RowsAdapter,
            evaluation.HeldOutBase,
            evaluation.HeldOutAdapter);
    }

    async Task<DemoTally> Ask(OpenLedgerClient client, DemoNetwork network, CancellationToken cancellationToken)
    {
        var tally = new DemoTally(network, new DemoBaselines(_samples, _options.ModelFolder, _options.Seed));
        await _narrator.Questions(_questions.Count, async report =>
        {
            for (var index = 0; index < _questions.Count; index++)
            {
                var request = Request($"question/{index}", network, network.AdapterId, _questions[index].Prompt);
                tally.Add(_questions[index], await client.Complete(request, cancellationToken));
                report(index + 1);
            }
        });
        return tally;
    }

    InferenceRequest Request(string name, DemoNetwork network, string model, string prompt) => new(
        $"rq_{_options.Seed}_{name.Replace('/', '_')}",
        network.Caller,
        model,
        prompt,
        AnswerTokensMax,
        new Sampling(),
        ["\n"]);

    /// <summary>The engine says its own name: nobody here asks which one it is.</summary>
    static string EngineName()
    {
        var name = typeof(Orleans.Grain).Assembly.GetName();
        return $"{name.Name} {name.Version}";
    }

    sealed record Outcome(
        DemoTraining Training,
        DemoFeatureResult Featured,
        DemoTally Tally,
        DemoProofResult Proof,
        BookSummary Summary,
        IReadOnlyDictionary<string, AccountBalance> Balances,
        DemoSignatures Signatures,
        DemoVote Vote,
        DemoStakingResult Staking)
    {
        public DemoReport Report(double seconds, string engine, string datanet, int questions, bool restartIdentical) => new()
        {
            Seconds = Math.Round(seconds, 1),
            Engine = engine,
            Datanet = datanet,
            Training = Training,
            Questions = questions,
            ExactAnswers = Tally.ExactShare,
            OwnerFirst = Tally.OwnerFirst(),
            Fee = Featured.Fee.ToString(),
            Split = [.. Featured.Lines.Select(line => new DemoSplitLine(line.Account, line.Role, line.Amount.ToString()))],
            Conserved = Summary.Conserved,
            Receipt = Proof.Path,
            ReceiptValid = Proof.Valid,
            TamperedReceiptValid = Proof.TamperedValid,
            RestartIdentical = restartIdentical,
            Signatures = Signatures,
            Governance = Vote,
            Staking = Staking,
            LogRoot = Summary.LogRoot,
            LogSize = Summary.LogSize,
            GenerationTokensPerSecond = Tally.TokensPerSecond,
            AttributionMillisecondsMedian = Tally.AttributionMillisecondsMedian,
        };
    }
}
