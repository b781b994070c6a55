using System.Diagnostics;
using System.Text;

namespace OpenLedger.Inference.Tests;

public sealed class ModelFolderTests
{
    [Theory]
    [MemberData(nameof(Models.Names), MemberType = typeof(Models))]
    public void A_model_saved_in_f32_loads_bit_for_bit(string name)
    {
        using var folder = new TemporaryFolder();
        var weights = Models.Weights(Models.Named(name));
        ModelFolder.Save(folder.Path, weights, Models.Tokenizer, TensorPrecision.Float32);
        var loaded = ModelFolder.Load(folder.Path);
        loaded.Config.Should().BeEquivalentTo(weights.Config);
        loaded.Tokenizer.ToJson().Should().Equal(Models.Tokenizer.ToJson());
        foreach (var (expected, actual) in WeightNames.All(weights).Zip(WeightNames.All(loaded.Weights)))
        {
            actual.Values.Should().Equal(expected.Values, because: expected.Name);
        }
        ReferenceEquals(loaded.Weights.Embedding, loaded.Weights.Output).Should().Be(weights.Config.TieEmbeddings);
    }

    [Fact]
    public void Bf16_keeps_eight_bits_of_each_number_and_saving_again_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var weights = Models.Weights(Models.Grouped);
        ModelFolder.Save(folder.Path, weights, Models.Tokenizer);
        var loaded = ModelFolder.Load(folder.Path);
        foreach (var (expected, actual) in WeightNames.All(weights).Zip(WeightNames.All(loaded.Weights)))
        {
            expected.Values.Zip(actual.Values).Should().OnlyContain(
                pair => MathF.Abs(pair.First - pair.Second) <= MathF.Abs(pair.First) / 256);
        }
        ModelFolder.Save(second.Path, loaded.Weights, loaded.Tokenizer);
        ModelFolder.HashOf(second.Path).Should().Be(loaded.ContentHash);
        File.ReadAllBytes(second.File("model.safetensors")).Should().Equal(File.ReadAllBytes(folder.File("model.safetensors")));
    }

    [Fact]
    public void The_content_hash_changes_with_any_file_and_is_what_sha256sum_gives()
    {
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, Models.Weights(Models.Grouped), Models.Tokenizer);
        var hash = ModelFolder.HashOf(folder.Path);
        var command = $"cd {folder.Path} && sha256sum config.json model.safetensors tokenizer.json | sha256sum";
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        shell.StandardOutput.ReadToEnd().Should().StartWith(hash.Hex);
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json"])
        {
            var bytes = File.ReadAllBytes(folder.File(name));
            File.WriteAllBytes(folder.File(name), [.. bytes, (byte)' ']);
            ModelFolder.HashOf(folder.Path).Should().NotBe(hash);
            File.WriteAllBytes(folder.File(name), bytes);
        }
    }

    [Theory]
    [InlineData("config.json", "\"vocab_size\": 300", "\"vocab_size\": 258", "tokenizer.json: vocabulary")]
    [InlineData("config.json", "\"vocab_size\": 300", "\"vocab_size\": 310", "tensor model.embed_tokens.weight")]
    [InlineData(
        "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "tensor model.layers.2.input_layernorm.weight: missing")]
    [InlineData("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "tensor model.layers.1.")]
    [InlineData("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", "tensor lm_head.weight: missing")]
    [InlineData("config.json", "\"intermediate_size\": 48", "\"intermediate_size\": 64", "gate_proj.weight: shape [64, 32]")]
    [InlineData("model.safetensors", "model.norm.weight", "model.worm.weight", "tensor model.norm.weight: missing")]
    public void Parts_that_disagree_are_refused_by_name(string file, string from, string to, string message)
    {
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, Models.Weights(Models.Grouped), Models.Tokenizer);
        var content = File.ReadAllText(folder.File(file), Encoding.Latin1);
        content.Should().Contain(from);
        File.WriteAllText(folder.File(file), content.Replace(from, to, StringComparison.Ordinal), Encoding.Latin1);
        var load = () => ModelFolder.Load(folder.Path);
        load.Should().Throw<ModelFormatException>().WithMessage($"*{message.Replace("[", "*", StringComparison.Ordinal)}*");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    public void A_missing_file_is_named(string name)
    {
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, Models.Weights(Models.Grouped), Models.Tokenizer);
        File.Delete(folder.File(name));
        var load = () => ModelFolder.Load(folder.Path);
        load.Should().Throw<ModelFormatException>().WithMessage($"{name}: *").Which.File.Should().Be(name);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var weights = Models.Weights(Models.Grouped);
        weights.Layers[1][Projection.Up][7] = float.NaN;
        ModelFolder.Save(folder.Path, weights, Models.Tokenizer);
        var load = () => ModelFolder.Load(folder.Path);
        load.Should().Throw<ModelFormatException>().WithMessage("*model.layers.1.mlp.up_proj.weight*not finite*");
    }

    [Fact]
    public void No_partial_file_is_left_behind()
    {
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, Models.Weights(Models.Grouped), Models.Tokenizer);
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Should()
            .BeEquivalentTo("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
    }
}
