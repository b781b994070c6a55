using System.Net;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Gateway;

[Collection(RunningGateway.Name)]
public sealed class ModelListTests(RunningGateway gateway)
{
    [Fact]
    public async Task Models_lists_the_base_and_its_adapters_with_their_parent()
    {
        using var response = await gateway.Get("/v1/models");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var list = await RunningGateway.Json(response);

        list.GetProperty("object").GetString().Should().Be("list");
        var entries = list.GetProperty("data").EnumerateArray().ToDictionary(entry => entry.GetProperty("id").GetString()!);
        entries.Keys.Should().Equal(TinyModel.Id, SampleNetwork.AdapterId);
        entries[TinyModel.Id].TryGetProperty("parent", out _).Should().BeFalse();
        entries[SampleNetwork.AdapterId].GetProperty("parent").GetString().Should().Be(TinyModel.Id);
        entries[SampleNetwork.AdapterId].GetProperty("owned_by").GetString().Should().Be(SampleNetwork.Trainer);
        entries.Values.Should().OnlyContain(entry => entry.GetProperty("object").GetString() == "model");
        entries.Values.Should().OnlyContain(entry => entry.GetProperty("content_hash").GetString()!.StartsWith("sha256:"));
    }
}
