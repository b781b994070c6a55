using System.Text;
using System.Text.Json.Nodes;

namespace OpenLedger.Inference.Tests;

public sealed class AdapterPackageTests
{
    const string Base = "tests/base";

    [Theory]
    [InlineData("grouped", 8, 2f)]
    [InlineData("odd", 3, 0.1f)]
    public void A_folder_and_a_blob_give_back_the_adapter_bit_for_bit(string name, int rank, float scale)
    {
        using var folder = new TemporaryFolder();
        var config = Models.Named(name);
        var adapter = Models.Adapter(config, seed: 1, rank, scale);
        AdapterPackage.Save(folder.Path, adapter);
        RequireEqual(AdapterPackage.Load(folder.Path, config, Base), adapter);
        RequireEqual(AdapterPackage.FromBytes(AdapterPackage.ToBytes(adapter), "blob", config, Base), adapter);
        AdapterPackage.ToBytes(adapter).Should().Equal(AdapterPackage.ToBytes(adapter));
    }

    [Fact]
    public void Mixed_ranks_scales_and_missing_modules_survive()
    {
        using var folder = new TemporaryFolder();
        var adapter = Mixed();
        AdapterPackage.Save(folder.Path, adapter);
        RequireEqual(AdapterPackage.Load(folder.Path, Models.Odd, null), adapter);
        RequireEqual(AdapterPackage.FromBytes(AdapterPackage.ToBytes(adapter), "blob", Models.Odd, null), adapter);
    }

    [Fact]
    public void A_folder_has_the_keys_and_shapes_that_peft_writes()
    {
        using var folder = new TemporaryFolder();
        AdapterPackage.Save(
            folder.Path, Models.Adapter(Models.Grouped, seed: 1, rank: 4, scale: 2, false, Projection.Query, Projection.Down));
        using var file = SafetensorsFile.Open(folder.File("adapter_model.safetensors"));
        file.Entries.Should().HaveCount(8);
        file["base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight"].ShapeText.Should().Be("[4, 32]");
        file["base_model.model.model.layers.0.mlp.down_proj.lora_B.weight"].ShapeText.Should().Be("[32, 4]");
        var config = Config(folder);
        config["r"]!.GetValue<int>().Should().Be(4);
        config["lora_alpha"]!.GetValue<double>().Should().Be(8);
        config["peft_type"]!.GetValue<string>().Should().Be("LORA");
        config["base_model_name_or_path"]!.GetValue<string>().Should().Be(Base);
        config["target_modules"]!.AsArray().Select(node => node!.GetValue<string>()).Should().Equal("q_proj", "down_proj");
    }

    [Theory]
    [InlineData("\"use_rslora\": false", "\"use_rslora\": true", 4f)]
    [InlineData("\"lora_alpha\": 8", "\"lora_alpha\": 6", 1.5f)]
    [InlineData("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"q_proj\": 20}", 5f)]
    [InlineData("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"layers.0.self_attn.q_proj\": 20}", 5f)]
    [InlineData("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"_proj\": 20}", 2f)]
    public void The_scale_follows_the_configuration(string from, string to, float expected)
    {
        using var folder = Saved();
        Edit(folder, from, to);
        AdapterPackage.Load(folder.Path, Models.Grouped, Base)[0, Projection.Query]!.Scale.Should().Be(expected);
    }

    [Theory]
    [InlineData("[\"q_proj\", \"v_proj\"]")]
    [InlineData("[\"self_attn.q_proj\", \"v_proj\"]")]
    [InlineData("\".*\\\\.(q|v)_proj\"")]
    public void Target_modules_may_be_names_or_a_pattern(string targets)
    {
        using var folder = new TemporaryFolder();
        var adapter = Models.Adapter(Models.Grouped, seed: 1, rank: 4, scale: 2, false, Projection.Query, Projection.Value);
        AdapterPackage.Save(folder.Path, adapter);
        var config = Config(folder);
        config["target_modules"] = JsonNode.Parse(targets);
        File.WriteAllText(folder.File("adapter_config.json"), config.ToJsonString());
        RequireEqual(AdapterPackage.Load(folder.Path, Models.Grouped, Base), adapter);
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("bias", "\"lora_only\"")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("layers_to_transform", "[0]")]
    [InlineData("layer_replication", "[[0, 1]]")]
    [InlineData("peft_type", "\"LOHA\"")]
    [InlineData("task_type", "\"SEQ_CLS\"")]
    [InlineData("init_lora_weights", "\"pissa_niter_4\"")]
    [InlineData("r", "0")]
    [InlineData("r", "\"8\"")]
    [InlineData("rank_pattern", "{\"q_proj\": 1.5}")]
    [InlineData("rank_pattern", "{\"q_proj(\": 2}")]
    [InlineData("target_modules", "\"(\"")]
    [InlineData("target_modules", "[]")]
    public void What_is_not_supported_is_refused_by_name(string field, string value)
    {
        using var folder = Saved();
        var config = Config(folder);
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(folder.File("adapter_config.json"), config.ToJsonString());
        var load = () => AdapterPackage.Load(folder.Path, Models.Grouped, Base);
        load.Should().Throw<ModelFormatException>().WithMessage($"adapter_config.json: {field}: *").Which.Part.Should().Be(field);
    }

    [Fact]
    public void An_adapter_for_another_base_is_refused_with_both_names()
    {
        using var folder = Saved();
        var load = () => AdapterPackage.Load(folder.Path, Models.Grouped, "other/model");
        var error = load.Should().Throw<AdapterMismatchException>().WithMessage("*'tests/base'*'other/model'*").Which;
        (error.ExpectedBase, error.ActualBase).Should().Be(("other/model", "tests/base"));
        var bytes = AdapterPackage.ToBytes(Models.Adapter(Models.Grouped, seed: 1));
        var parse = () => AdapterPackage.FromBytes(bytes, "blob", Models.Grouped, "other/model");
        parse.Should().Throw<AdapterMismatchException>();
    }

    [Theory]
    [InlineData("layers.1.self_attn.q_proj.lora_A", "layers.7.self_attn.q_proj.lora_A", "layers.1.self_attn.q_proj.lora_A.weight: missing")]
    [InlineData("layers.1.mlp.up_proj.lora_B", "layers.1.mlp.uq_proj.lora_B", "layers.1.mlp.up_proj.lora_B.weight: missing")]
    public void A_tensor_that_is_not_there_is_named(string from, string to, string message)
    {
        var bytes = Replace(AdapterPackage.ToBytes(Models.Adapter(Models.Grouped, seed: 1)), from, to);
        var load = () => AdapterPackage.FromBytes(bytes, "blob", Models.Grouped, Base);
        load.Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void A_tensor_that_nothing_consumes_is_named()
    {
        using var folder = Saved();
        Edit(folder, "\"up_proj\",", "");
        var load = () => AdapterPackage.Load(folder.Path, Models.Grouped, Base);
        load.Should().Throw<ModelFormatException>().WithMessage("*up_proj.lora_A.weight*would be lost*");
    }

    [Fact]
    public void An_adapter_of_another_shape_or_rank_is_refused_by_tensor()
    {
        var bytes = AdapterPackage.ToBytes(Models.Adapter(Models.Grouped, seed: 1, rank: 4));
        var shape = () => AdapterPackage.FromBytes(bytes, "blob", Models.Grouped with { HiddenSize = 40 }, Base);
        shape.Should().Throw<ModelFormatException>().WithMessage("*layers.0.self_attn.q_proj.lora_A.weight*4, 40*4, 32*");
        var layers = () => AdapterPackage.FromBytes(bytes, "blob", Models.Grouped with { LayerCount = 1 }, Base);
        layers.Should().Throw<ModelFormatException>().WithMessage("*layers.1.*would be lost*");
        using var folder = Saved();
        Edit(folder, "\"r\": 4", "\"r\": 5");
        var rank = () => AdapterPackage.Load(folder.Path, Models.Grouped, Base);
        rank.Should().Throw<ModelFormatException>().WithMessage("*q_proj.lora_A.weight*5, 32*4, 32*");
    }

    [Fact]
    public void A_plain_safetensors_file_is_no_package()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, []);
        var load = () => AdapterPackage.FromBytes(stream.ToArray(), "blob", Models.Grouped, Base);
        load.Should().Throw<ModelFormatException>().WithMessage("*no adapter package*");
    }

    static LoraAdapter Mixed()
    {
        var adapter = Models.Adapter(Models.Odd, seed: 1, rank: 2, scale: 0.3f);
        adapter[1, Projection.Gate] = null;
        foreach (var (layer, projection, rank, scale) in ((int, Projection, int, float)[])
            [(0, Projection.Query, 5, 0.3f), (2, Projection.Down, 1, 7f), (1, Projection.Key, 2, 1 / 3f)])
        {
            var source = Models.Adapter(Models.Odd, seed: layer + 9, rank, scale);
            adapter[layer, projection] = source[layer, projection];
        }
        return adapter;
    }

    static void RequireEqual(LoraAdapter actual, LoraAdapter expected)
    {
        actual.BaseModel.Should().Be(expected.BaseModel);
        var (left, right) = (actual.Matrices().ToList(), expected.Matrices().ToList());
        left.Select(entry => (entry.Layer, entry.Projection, entry.Matrix.Rank, entry.Matrix.Scale))
            .Should().Equal(right.Select(entry => (entry.Layer, entry.Projection, entry.Matrix.Rank, entry.Matrix.Scale)));
        for (var index = 0; index < left.Count; index++)
        {
            left[index].Matrix.A.Should().Equal(right[index].Matrix.A);
            left[index].Matrix.B.Should().Equal(right[index].Matrix.B);
        }
    }

    static TemporaryFolder Saved()
    {
        var folder = new TemporaryFolder();
        AdapterPackage.Save(folder.Path, Models.Adapter(Models.Grouped, seed: 1, rank: 4, scale: 2));
        return folder;
    }

    static JsonObject Config(TemporaryFolder folder) => JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!.AsObject();

    static void Edit(TemporaryFolder folder, string from, string to)
    {
        var text = File.ReadAllText(folder.File("adapter_config.json"));
        text.Should().Contain(from);
        File.WriteAllText(folder.File("adapter_config.json"), text.Replace(from, to, StringComparison.Ordinal));
    }

    static byte[] Replace(byte[] bytes, string from, string to)
    {
        var text = Encoding.Latin1.GetString(bytes);
        text.Should().Contain(from);
        return Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }
}
