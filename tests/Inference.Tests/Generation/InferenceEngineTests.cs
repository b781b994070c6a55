namespace OpenLedger.Inference.Tests;

public sealed class InferenceEngineTests
{
    static readonly ModelWeights Weights = Models.Weights(Models.Grouped with { VocabularySize = Models.Tokenizer.VocabularySize });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Base_and_adapter_answers_equal_those_of_a_generator_alone(int threadCount)
    {
        await using var engine = new InferenceEngine(new() { ThreadCount = threadCount });
        var model = engine.AddModel(Weights, Models.Tokenizer);
        var lora = Models.Adapter(Weights.Config, seed: 6);
        using var adapter = engine.AddAdapter(model, lora);
        var alone = new Generator(new CausalModel(Weights), Models.Tokenizer);
        var answers = Enumerable.Range(0, 8).Select(
            index => Collect(engine.Generate(Request(model, index, index % 2 == 0 ? adapter : null)))).ToList();
        for (var index = 0; index < answers.Count; index++)
        {
            var request = Request(model, index, null);
            var expected = alone.Complete(request.Prompt, request.Options, index % 2 == 0 ? new PackedAdapter(lora) : null);
            GeneratedAnswer.From(await answers[index]).Should().BeEquivalentTo(expected);
        }
    }

    [Fact]
    public async Task A_full_queue_refuses_and_serves_those_that_wait()
    {
        await using var engine = new InferenceEngine(new() { QueueLengthMax = 2 });
        var model = engine.AddModel(Weights, Models.Tokenizer);
        using var gate = new Gate();
        var first = Collect(engine.Generate(Blocked(model, gate)));
        gate.WaitUntilEntered();
        var waiting = Enumerable.Range(0, 2).Select(index => Collect(engine.Generate(Request(model, index, null)))).ToList();
        var act = () => engine.Generate(Request(model, 9, null));
        act.Should().Throw<OverloadedException>().Which.QueueLengthMax.Should().Be(2);
        engine.QueueLength.Should().Be(2);
        gate.Open();
        (await first).Should().NotBeEmpty();
        (await Task.WhenAll(waiting)).Should().OnlyContain(pieces => pieces.Last().Finish == FinishReason.TokenCount);
    }

    [Fact]
    public async Task A_request_cancelled_while_it_waits_computes_nothing()
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        using var gate = new Gate();
        var first = Collect(engine.Generate(Blocked(model, gate)));
        gate.WaitUntilEntered();
        using var source = new CancellationTokenSource();
        var cancelled = Collect(engine.Generate(Request(model, 1, null), source.Token));
        await source.CancelAsync();
        gate.Open();
        await first;
        var act = () => cancelled;
        await act.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Leaving_the_enumeration_ends_the_request_and_the_engine_serves_on()
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        await foreach (var piece in engine.Generate(Request(model, 1, null)))
        {
            piece.Finish.Should().Be(FinishReason.None);
            break;
        }
        (await Collect(engine.Generate(Request(model, 2, null)))).Should().HaveCount(20);
    }

    [Fact]
    public async Task Disposal_serves_what_waits_and_refuses_what_comes()
    {
        var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        var waiting = Enumerable.Range(0, 4).Select(index => Collect(engine.Generate(Request(model, index, null)))).ToList();
        await engine.DisposeAsync();
        (await Task.WhenAll(waiting)).Should().OnlyContain(pieces => pieces.Count == 20);
        var act = () => engine.Generate(Request(model, 1, null));
        act.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task An_adapter_let_go_is_refused_but_the_request_taken_before_is_served()
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        var adapter = engine.AddAdapter(model, Models.Adapter(Weights.Config, seed: 6));
        engine.ResidentAdapterCount.Should().Be(1);
        using var gate = new Gate();
        var first = Collect(engine.Generate(Blocked(model, gate)));
        gate.WaitUntilEntered();
        var taken = Collect(engine.Generate(Request(model, 1, adapter)));
        adapter.Dispose();
        adapter.Dispose();
        engine.ResidentAdapterCount.Should().Be(0);
        gate.Open();
        (await taken).Should().HaveCount(20);
        await first;
        var act = () => engine.Generate(Request(model, 1, adapter));
        act.Should().Throw<ObjectDisposedException>().WithMessage("*let go*");
    }

    [Fact]
    public async Task An_adapter_of_another_model_is_refused()
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        var other = engine.AddModel(Weights, Models.Tokenizer);
        using var adapter = engine.AddAdapter(other, Models.Adapter(Weights.Config, seed: 6));
        var generate = () => engine.Generate(Request(model, 1, adapter));
        generate.Should().Throw<ArgumentException>().WithMessage("*another model*");
        var add = () => engine.AddAdapter(model, Models.Adapter(Models.Odd, seed: 6));
        add.Should().Throw<ArgumentException>().WithMessage("*another shape*");
    }

    [Fact]
    public async Task A_score_is_that_of_the_model()
    {
        await using var engine = new InferenceEngine();
        var model = engine.AddModel(Weights, Models.Tokenizer);
        var score = await engine.ScoreLogProbability(model, [0, 5], [6, 7]);
        score.Should().Be(new CausalModel(Weights).ScoreLogProbability([0, 5], [6, 7]));
        var act = () => engine.ScoreLogProbability(model, Models.Tokens(60, 200), Models.Tokens(10, 200));
        await act.Should().ThrowAsync<ContextLengthException>();
    }

    static GenerationRequest Request(ModelHandle model, int seed, AdapterHandle? adapter) => new()
    {
        Model = model,
        Adapter = adapter,
        Prompt = [0, 30 + seed, 31],
        Options = new() { TokenCountMax = 20, EndTokenIds = [], Sampling = new() { Temperature = 1, Seed = seed } },
    };

    /// <summary>A request whose end tokens, which the engine's thread asks for, hold it at a gate.</summary>
    static GenerationRequest Blocked(ModelHandle model, Gate gate) => Request(model, 1, null) with
    {
        Options = new() { TokenCountMax = 3, EndTokenIds = gate },
    };

    static async Task<List<GeneratedPiece>> Collect(IAsyncEnumerable<GeneratedPiece> pieces)
    {
        var list = new List<GeneratedPiece>();
        await foreach (var piece in pieces)
        {
            list.Add(piece);
        }
        return list;
    }
}
