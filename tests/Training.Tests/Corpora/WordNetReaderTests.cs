using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class WordNetReaderTests
{
    const string Licence = "  1 This software and database is being provided to you, the LICENSEE, by  \n";

    const string Headache =
        "14323683 26 n 03 headache 0 head_ache 0 cephalalgia 0 003 @ 14322699 n 0000 + 02123672 v 0101 ~ 14324274 n 0000 "
        + "| pain in the head caused by dilation of cerebral arteries or muscle contractions or a reaction to drugs  \n";

    const string Breathe =
        "00001740 29 v 04 breathe 0 take_a_breath 0 respire 0 suspire 3 002 * 00005041 v 0000 $ 00001740 v 0000 02 + 02 00 + 08 01 "
        + "| draw air into, and expel out of, the lungs; \"I can breathe better when the air is clean\"; \"The patient is respiring\"  \n";

    [Fact]
    public void A_noun_has_its_words_domain_relations_and_definition()
    {
        var synset = WordNetReader.Read(new StringReader(Licence + Headache), "data.noun", WordNetPartOfSpeech.Noun).Single();

        synset.Key.ToString().Should().Be("n14323683");
        synset.LexicographerFile.Should().Be("noun.state");
        synset.Words.Should().Equal("headache", "head ache", "cephalalgia");
        synset.Pointers.Should().Equal(
            new WordNetPointer("@", new WordNetKey(WordNetPartOfSpeech.Noun, 14322699), 0, 0),
            new WordNetPointer("+", new WordNetKey(WordNetPartOfSpeech.Verb, 2123672), 1, 1),
            new WordNetPointer("~", new WordNetKey(WordNetPartOfSpeech.Noun, 14324274), 0, 0));
        synset.Definition.Should().Be(
            "pain in the head caused by dilation of cerebral arteries or muscle contractions or a reaction to drugs");
        synset.Examples.Should().BeEmpty();
    }

    [Fact]
    public void A_verb_passes_over_its_frames_and_keeps_its_examples()
    {
        var synset = WordNetReader.Read(new StringReader(Breathe), "data.verb", WordNetPartOfSpeech.Verb).Should().ContainSingle().Subject;

        synset.Words.Should().Equal("breathe", "take a breath", "respire", "suspire");
        synset.Definition.Should().Be("draw air into, and expel out of, the lungs");
        synset.Examples.Should().Equal("I can breathe better when the air is clean", "The patient is respiring");
    }

    [Fact]
    public void The_position_marker_of_an_adjective_is_no_part_of_the_word()
    {
        const string Asleep = "00070626 00 s 01 asleep(p) 0 001 & 00070380 a 0000 | in a state of sleep  \n";
        var synset = WordNetReader.Read(new StringReader(Asleep), "data.adj", WordNetPartOfSpeech.Adjective).Single();

        synset.Words.Should().Equal("asleep");
        synset.Pointers.Single().Target.PartOfSpeech.Should().Be(WordNetPartOfSpeech.Adjective);
    }

    [Theory]
    [InlineData("14323683 26 n 01 headache 0 000 pain", "*no gloss*")]
    [InlineData("x4323683 26 n 01 headache 0 000 | pain", "*synset offset*\"x4323683\"*")]
    [InlineData("-4323683 26 n 01 headache 0 000 | pain", "*synset offset*")]
    [InlineData("14323683 77 n 01 headache 0 000 | pain", "*lexicographer file 77*")]
    [InlineData("14323683 26 v 01 headache 0 000 | pain", "*does not belong in a file of nouns*")]
    [InlineData("14323683 26 q 01 headache 0 000 | pain", "*\"q\"*")]
    [InlineData("14323683 26 n 00 000 | pain", "*word count is zero*")]
    [InlineData("14323683 26 n 02 headache 0 | pain", "*before the last of its 2 words*")]
    [InlineData("14323683 26 n 1fffff headache 0 000 | pain", "*before the last of its 2097151 words*")]
    [InlineData("14323683 26 n 01 headache 0 001 @ 14322699 n | pain", "*ends before the words of pointer 1*")]
    [InlineData("14323683 26 n 01 headache 0 001 @ 14322699 n 0501 | pain", "*pointer 1 starts from word 5 of 1*")]
    [InlineData("14323683 26 n 01 headache 0 000 surplus | pain", "*8 fields*ask for 7*")]
    public void A_malformed_line_is_refused_with_file_line_and_field(string line, string message)
    {
        var read = () => WordNetReader.Read(new StringReader(Licence + Headache + line + "\n"), "data.noun", WordNetPartOfSpeech.Noun);

        var problem = read.Should().Throw<CorpusFormatException>().WithMessage(message).Which;
        problem.File.Should().Be("data.noun");
        problem.Line.Should().Be(3);
        problem.Message.Should().StartWith("data.noun, line 3: ");
    }

    [Fact]
    public void A_file_without_synsets_and_a_line_without_end_are_refused()
    {
        FluentActions.Invoking(() => WordNetReader.Read(new StringReader(Licence), "data.noun", WordNetPartOfSpeech.Noun))
            .Should().Throw<CorpusFormatException>().WithMessage("data.noun: *no synset*");
        FluentActions.Invoking(() => WordNetReader.Read(new StringReader(new string('a', WordNetReader.LineLengthMax + 1)), "x", 0))
            .Should().Throw<CorpusFormatException>().WithMessage("x, line 1: *");
    }

    [Fact]
    public void A_folder_without_WordNet_is_refused_with_what_to_install() =>
        FluentActions.Invoking(() => WordNetReader.ReadFolder(Path.Combine(AppContext.BaseDirectory, "no-such-folder")))
            .Should().Throw<CorpusFormatException>().WithMessage("*data.noun*wordnet-base*");

    [Fact]
    public void A_synset_that_stands_twice_is_refused()
    {
        var synsets = WordNetReader.Read(new StringReader(Headache + Headache), "data.noun", WordNetPartOfSpeech.Noun);

        FluentActions.Invoking(() => new WordNetLexicon(synsets)).Should().Throw<UserErrorException>().WithMessage("*n14323683*");
    }
}
