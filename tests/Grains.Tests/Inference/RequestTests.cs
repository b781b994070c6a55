using OpenLedger.Grains.Inference;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Inference;

[Collection(TrainedNetwork.Name)]
public sealed class RequestTests(TrainedNetwork fixture)
{
    static readonly InferenceRequest good = SampleNetwork.Request("rq_rules");

    public static TheoryData<string, InferenceRequest> Refused => new()
    {
        { "*There is no model md_nothing*", good with { Model = "md_nothing" } },
        { "*There is no adapter ad_nothing*", good with { Model = "ad_nothing" } },
        { "*names no model*", good with { Model = "words" } },
        { "*prompt is empty*", good with { Prompt = "" } },
        { "*prompt has*tokens*takes 511*", good with { Prompt = string.Join(' ', Enumerable.Repeat("zq", 600)) } },
        { "*prompt has*characters*", good with { Prompt = new string('a', 100_001) } },
        { "*max_tokens is 0*", good with { MaxTokens = 0 } },
        { "*max_tokens is 4097*", good with { MaxTokens = 4_097 } },
        { "*temperature*", good with { Sampling = new Sampling(Temperature: -1) } },
        { "*temperature*", good with { Sampling = new Sampling(Temperature: double.NaN) } },
        { "*top_p*", good with { Sampling = new Sampling(TopP: 0) } },
        { "*stop strings*", good with { Stop = [""] } },
        { "*not an account address*", good with { Payer = "me" } },
        { "*request id*", good with { RequestId = "" } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task A_mistake_is_refused_in_plain_words_before_anything_is_held(string message, InferenceRequest request)
    {
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var size = (await fixture.Client.Ledger.GetSummary()).LogSize;

        var act = () => fixture.Client.Complete(request);

        await act.Should().ThrowAsync<UserErrorException>().WithMessage(message);
        (await fixture.Network.Balance(SampleNetwork.Caller)).Should().Be(before);
        (await fixture.Client.Ledger.GetSummary()).LogSize.Should().Be(size);
    }

    [Fact]
    public async Task A_greedy_answer_is_the_same_every_time()
    {
        var first = await fixture.Client.Complete(SampleNetwork.Request("rq_greedy_1"));
        var second = await fixture.Client.Complete(SampleNetwork.Request("rq_greedy_2"));
        second.Text.Should().Be(first.Text);
    }

    [Fact]
    public async Task A_sampled_answer_follows_from_its_seed()
    {
        var texts = new List<string>();
        foreach (var (id, seed) in new[] { ("rq_seed_1", 5L), ("rq_seed_2", 5L), ("rq_seed_3", 6L) })
        {
            var request = SampleNetwork.Request(id, TinyModel.Id) with { Sampling = new Sampling(Temperature: 2, Seed: seed), Stop = [] };
            texts.Add((await fixture.Client.Complete(request)).Text);
        }

        texts[1].Should().Be(texts[0]);
        texts[2].Should().NotBe(texts[0]);
    }

    [Fact]
    public async Task Pieces_of_a_stream_join_to_the_whole_and_the_last_one_carries_the_settlement()
    {
        var whole = await fixture.Client.Complete(SampleNetwork.Request("rq_stream_whole"));
        var pieces = new List<InferenceChunk>();
        await foreach (var chunk in fixture.Client.Stream(SampleNetwork.Request("rq_stream")))
        {
            pieces.Add(chunk);
        }

        string.Concat(pieces.Select(piece => piece.Text)).Should().Be(whole.Text);
        pieces.Take(pieces.Count - 1).Should().OnlyContain(piece => piece.Settlement == null);
        pieces[^1].Settlement.Should().NotBeNull();
        pieces.Count(piece => piece.FinishReason is not null).Should().Be(1);
    }
}
