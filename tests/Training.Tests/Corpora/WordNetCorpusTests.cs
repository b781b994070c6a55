using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class WordNetCorpusTests
{
    const int FillerCount = 400;

    static readonly WordNetDomain Ailments = new("ailments", [new("noun.state", "ill health")]);

    static WordNetKey Noun(int offset) => new(WordNetPartOfSpeech.Noun, offset);

    static WordNetSynset Synset(
        int offset, string words, string definition, string file = "noun.state", params WordNetPointer[] pointers) =>
        new(Noun(offset), file, words.Split('|'), pointers, definition, [], [$"this is an example of {definition}"]);

    static WordNetPointer Pointer(string symbol, int target) => new(symbol, Noun(target), 0, 0);

    /// <summary>A domain of three synsets, one outside that shares a word, one above, and many that have nothing to do with it.</summary>
    static WordNetLexicon Lexicon() => new(
    [
        Synset(1, "condition", "a state at a time", "noun.attribute", Pointer("~", 2), Pointer("~", 1000), Pointer("~", 1001)),
        Synset(2, "ill health", "a state of unwellness", "noun.state", Pointer("@", 1), Pointer("~", 3)),
        Synset(3, "ache|pang", "a dull secretive pain", "noun.state", Pointer("@", 2), Pointer("~", 4)),
        Synset(4, "toothache", "a secretive ache of a tooth", "noun.state", Pointer("@", 3)),
        Synset(5, "longing|Pang", "a secretive wish", "noun.feeling"),
        .. Enumerable.Range(0, FillerCount).Select(index =>
            Synset(1000 + index, $"thing {index}|object {index}", $"an article of number {index}", "noun.artifact", Pointer("@", 1))),
    ]);

    [Fact]
    public void A_domain_is_left_out_with_all_below_it_and_every_synset_that_shares_a_word()
    {
        var corpus = new WordNetCorpus(Lexicon(), [Ailments]);

        corpus.LeftOut.Should().BeEquivalentTo([Noun(2), Noun(3), Noun(4), Noun(5)]);
        var texts = Enumerable.Range(0, 5).SelectMany(corpus.Documents).Concat(corpus.HeldOutDocuments()).Select(document => document.Text);
        texts.Should().NotContain(text => text.Contains("secretive") || text.Contains("ache") || text.Contains("ill health"));
    }

    [Fact]
    public void Every_other_synset_is_either_trained_or_held_out()
    {
        var corpus = new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(HeldOutPerThousand: 100));
        var trained = corpus.Documents(0).Select(document => document.Id).ToHashSet();
        var heldOut = corpus.HeldOutDocuments().Select(document => document.Id).ToHashSet();

        trained.Overlaps(heldOut).Should().BeFalse();
        (trained.Count + heldOut.Count).Should().Be(FillerCount + 1);
        heldOut.Count.Should().BeInRange(FillerCount / 20, FillerCount / 5);
        (corpus.TrainingSynsetCount, corpus.HeldOutSynsetCount).Should().Be((trained.Count, heldOut.Count));
    }

    [Fact]
    public void Held_out_synsets_are_never_named_in_training_text()
    {
        var corpus = new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(HeldOutPerThousand: 500));
        var numbers = corpus.HeldOutDocuments().Select(document => int.Parse(document.Id[1..]) - 1000);
        var terms = numbers.Where(index => index is 0 or 1).ToArray();

        terms.Should().NotBeEmpty("one of the kinds of condition must be held out for this test to say anything");
        var above = Enumerable.Range(0, 50).SelectMany(corpus.Documents).Where(document => document.Id == "n00000001");
        above.Should().NotContain(document => terms.Any(index => document.Text.Contains($"thing {index}")));
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_and_another_seed_or_epoch_another()
    {
        static string[] Texts(ulong seed, int epoch)
        {
            var corpus = new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(seed));
            return [.. corpus.Documents(epoch).Select(document => document.Text)];
        }

        Texts(1, 0).Should().Equal(Texts(1, 0));
        Texts(1, 0).Should().NotEqual(Texts(2, 0));
        Texts(1, 0).Should().NotEqual(Texts(1, 1));
    }

    [Fact]
    public void The_held_out_synsets_do_not_depend_on_the_seed()
    {
        static IEnumerable<string> Ids(ulong seed) =>
            new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(seed)).HeldOutDocuments().Select(document => document.Id);

        Ids(1).Should().Equal(Ids(2));
    }

    [Fact]
    public void Renderings_of_one_synset_are_worded_differently()
    {
        var corpus = new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(Renderings: 3));

        corpus.Documents(0).GroupBy(document => document.Id, document => document.Text)
            .Should().OnlyContain(texts => texts.Distinct().Count() == 3);
    }

    [Fact]
    public void Every_document_defines_its_term_in_one_line_without_a_prompt_of_the_samples()
    {
        string[] prompts = ["The meaning of", "Q: ", "A:", " mean?", "She said", "and meant"];
        foreach (var document in new WordNetCorpus(Lexicon(), [Ailments], new WordNetCorpusOptions(Renderings: 5)).Documents(3))
        {
            document.Text.Should().NotContain("\n").And.MatchRegex("[.\"]$");
            prompts.Should().NotContain(prompt => document.Text.Contains(prompt));
            document.Text.Should().ContainAny("thing", "Thing", "object", "Object", "ondition");
        }
    }

    [Fact]
    public void A_lexicon_without_the_domain_is_refused()
    {
        var other = new WordNetDomain("music", [new("noun.communication", "music")]);

        FluentActions.Invoking(() => new WordNetCorpus(Lexicon(), [other])).Should().Throw<UserErrorException>().WithMessage("*music*");
    }

    [Fact]
    public void A_lexicon_of_nothing_but_the_domain_is_refused()
    {
        var lexicon = new WordNetLexicon([Synset(2, "ill health", "a state of unwellness")]);

        FluentActions.Invoking(() => new WordNetCorpus(lexicon, [Ailments]))
            .Should().Throw<UserErrorException>().WithMessage("*nothing outside*");
    }
}
