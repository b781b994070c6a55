using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class WordNetProseTests
{
    [Theory]
    [InlineData(WordNetPartOfSpeech.Noun, "owl", "a bird of night", 0, "owl: a bird of night.")]
    [InlineData(WordNetPartOfSpeech.Noun, "owl", "a bird of night", 1, "Owl, noun. A bird of night.")]
    [InlineData(WordNetPartOfSpeech.Noun, "owl", "a bird of night", 2, "An owl is a bird of night.")]
    [InlineData(WordNetPartOfSpeech.Noun, "unicorn", "a beast of fable", 3, "A beast of fable is called a unicorn.")]
    [InlineData(WordNetPartOfSpeech.Noun, "sand", "loose grains of rock", 2, "Sand is loose grains of rock.")]
    [InlineData(WordNetPartOfSpeech.Noun, "owl", "a bird of night", 4, "The word for a bird of night is owl.")]
    [InlineData(WordNetPartOfSpeech.Verb, "walk", "go on foot", 2, "To walk is to go on foot.")]
    [InlineData(WordNetPartOfSpeech.Adjective, "red", "of the colour of blood", 4, "If a thing is red, it is of the colour of blood.")]
    [InlineData(WordNetPartOfSpeech.Adverb, "softly", "with little noise", 2, "To do something softly is to do it with little noise.")]
    public void Each_part_of_speech_has_its_own_forms(
        WordNetPartOfSpeech part, string word, string definition, int wording, string sentence)
    {
        var synset = new WordNetSynset(new WordNetKey(part, 1), "noun.animal", [word], [], definition, [], []);

        new WordNetProse(new WordNetLexicon([synset]), _ => true).Write(synset, wording, new StableRandom(1)).Should().Be(sentence);
    }

    [Fact]
    public void Relations_and_examples_follow_the_definition()
    {
        var birdKey = new WordNetKey(WordNetPartOfSpeech.Noun, 1);
        var bird = new WordNetSynset(birdKey, "noun.animal", ["bird"], [], "an animal with wings", [], []);
        var owl = new WordNetSynset(
            new WordNetKey(WordNetPartOfSpeech.Noun, 2),
            "noun.animal",
            ["owl", "hooter"],
            [new WordNetPointer("@", bird.Key, 0, 0)],
            "a bird of night",
            [],
            ["the owl was a baker's daughter"]);
        var prose = new WordNetProse(new WordNetLexicon([bird, owl]), _ => true);
        var texts = Enumerable.Range(0, 200).Select(seed => prose.Write(owl, 0, new StableRandom((ulong)seed))).ToArray();

        texts.Should().Contain(text => text.Contains("a kind of bird."));
        texts.Should().Contain(text => text.Contains("Another word for owl is hooter."));
        texts.Should().Contain(text => text.EndsWith("The owl was a baker's daughter."));
        var alone = new WordNetProse(new WordNetLexicon([bird, owl]), synset => synset != bird);
        Enumerable.Range(0, 200).Should().NotContain(seed => alone.Write(owl, 0, new StableRandom((ulong)seed)).Contains("a kind of bird"));
    }
}
