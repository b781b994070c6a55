using System.Globalization;
using OpenLedger;
using OpenLedger.Inference;
using OpenLedger.Samples;
using OpenLedger.Training.Corpora;

const string Usage =
    "Usage: dotnet run -c Release --project samples/make -- --wordnet FOLDER --seed NUMBER --out FOLDER [--tokenizer FILE]";

try
{
    var options = Options(args);
    var folder = options["--wordnet"];
    if (!ulong.TryParse(options["--seed"], NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        throw new UserErrorException($"--seed is \"{options["--seed"]}\", not a whole number. {Usage}");
    var lexicon = WordNetReader.ReadFolder(folder);
    var tokenizer = options.TryGetValue("--tokenizer", out var file) ? Tokenizer.Load(file) : TrainedTokenizer(lexicon);
    var selection = new FactSelection(lexicon, new SenseIndex(folder, lexicon), tokenizer);
    foreach (var datanet in SampleDatanet.All)
    {
        var facts = selection.Choose(datanet.Domain, SampleWriter.TrainingFactCount + SampleWriter.HeldOutFactCount);
        SampleWriter.Write(options["--out"], datanet, facts, seed);
    }

    return 0;
}
catch (UserErrorException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 2;
}

static Dictionary<string, string> Options(string[] args)
{
    string[] known = ["--wordnet", "--seed", "--out", "--tokenizer"];
    var options = new Dictionary<string, string>();
    for (var index = 0; index + 1 < args.Length; index += 2)
        options[args[index]] = args[index + 1];
    if (args.Length % 2 != 0 || options.Keys.Except(known).Any() || known.Take(3).Except(options.Keys).Any())
        throw new UserErrorException(Usage);
    return options;
}

// The samples must not depend on a model that is trained after them: without a file, token counts come from a tokenizer of the same
// size over the same text as the base model's.
static Tokenizer TrainedTokenizer(WordNetLexicon lexicon)
{
    var corpus = new WordNetCorpus(lexicon, WordNetDomain.Samples);
    return TokenizerTrainer.Train(
        corpus.Documents(0).Select(document => document.Text),
        new TokenizerTrainerOptions { VocabularySize = 4096 });
}
