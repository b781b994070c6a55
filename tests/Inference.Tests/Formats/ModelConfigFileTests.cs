using System.Text;
using System.Text.Json.Nodes;

namespace OpenLedger.Inference.Tests;

public sealed class ModelConfigFileTests
{
    [Theory]
    [MemberData(nameof(Models.Names), MemberType = typeof(Models))]
    public void What_is_written_is_read(string name)
    {
        var config = Models.Named(name) with { EndTokenIds = [1, 2] };
        ModelConfigFile.Parse(ModelConfigFile.ToJson(config, TensorPrecision.BFloat16), "config.json").Should().BeEquivalentTo(config);
    }

    [Fact]
    public void A_configuration_as_hugging_face_writes_it_is_read_with_its_defaults()
    {
        var config = ModelConfigFile.Parse(
            """
            {"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":1,
             "eos_token_id":2,"hidden_act":"silu","hidden_size":576,"initializer_range":0.04,"intermediate_size":1536,
             "max_position_embeddings":2048,"model_type":"llama","num_attention_heads":9,"num_hidden_layers":30,
             "num_key_value_heads":3,"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_scaling":null,"rope_theta":10000.0,
             "tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":49152}
            """u8.ToArray(), "config.json");
        (config.HeadSize, config.KeyValueHeadCount, config.RopeTheta, config.NormEpsilon, config.TieEmbeddings).Should().Be(
            (64, 3, 10_000f, 1e-5f, true));
        config.EndTokenIds.Should().Equal(2);
    }

    [Theory]
    [InlineData("model_type", "\"qwen2\"")]
    [InlineData("rope_scaling", "{\"rope_type\":\"llama3\"}")]
    [InlineData("attention_bias", "true")]
    [InlineData("mlp_bias", "true")]
    [InlineData("hidden_act", "\"gelu\"")]
    [InlineData("sliding_window", "4096")]
    [InlineData("quantization_config", "{}")]
    [InlineData("partial_rotary_factor", "0.5")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("head_dim", "7")]
    [InlineData("head_dim", "\"8\"")]
    [InlineData("hidden_size", "0")]
    [InlineData("hidden_size", "-32")]
    [InlineData("hidden_size", "32.5")]
    [InlineData("hidden_size", "99999999999")]
    [InlineData("hidden_size", "null")]
    [InlineData("vocab_size", "2000000000")]
    [InlineData("rms_norm_eps", "0")]
    [InlineData("rope_theta", "-1")]
    [InlineData("bos_token_id", "300")]
    [InlineData("eos_token_id", "[1, 300]")]
    [InlineData("eos_token_id", "[\"x\"]")]
    public void What_is_unsupported_or_impossible_is_refused_by_field(string field, string value)
    {
        var json = JsonNode.Parse(ModelConfigFile.ToJson(Models.Grouped, TensorPrecision.Float32))!.AsObject();
        json[field] = JsonNode.Parse(value);
        var parse = () => ModelConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json");
        parse.Should().Throw<ModelFormatException>().WithMessage($"config.json: {field}: *").Which.Part.Should().Be(field);
    }

    [Fact]
    public void Rotary_parameters_in_the_newer_place_are_read_or_refused()
    {
        var json = JsonNode.Parse(ModelConfigFile.ToJson(Models.Grouped, TensorPrecision.Float32))!.AsObject();
        json["rope_parameters"] = JsonNode.Parse("""{"rope_type":"default","rope_theta":77777}""");
        ModelConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json").RopeTheta.Should().Be(77_777f);
        json["rope_parameters"] = JsonNode.Parse("""{"rope_type":"yarn","rope_theta":77777}""");
        var parse = () => ModelConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json");
        parse.Should().Throw<ModelFormatException>().WithMessage("*rope_parameters.rope_type: yarn*");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"hidden_size\":1")]
    [InlineData("{\"hidden_size\":1,\"hidden_size\":2}")]
    public void Malformed_json_is_a_typed_error(string json)
    {
        var parse = () => ModelConfigFile.Parse(Encoding.UTF8.GetBytes(json), "config.json");
        parse.Should().Throw<ModelFormatException>().Which.File.Should().Be("config.json");
    }
}
