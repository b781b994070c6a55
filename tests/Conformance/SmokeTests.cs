using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

public interface ISmokeGrain : IGrainWithStringKey
{
    Task<int> Add(int left, int right);

    ValueTask<string> Key();

    IAsyncEnumerable<int> Count(int to);

    Task Fail(string message);
}

public sealed class SmokeGrain : Grain, ISmokeGrain
{
    public Task<int> Add(int left, int right) => Task.FromResult(left + right);

    public ValueTask<string> Key() => new(this.GetPrimaryKeyString());

    public async IAsyncEnumerable<int> Count(int to)
    {
        for (var i = 0; i < to; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public Task Fail(string message) => throw new InvalidOperationException(message);
}

public sealed class SmokeTests
{
    [Fact]
    public async Task A_grain_can_be_called()
    {
        await using var cluster = new InProcessTestClusterBuilder(1).Build();
        await cluster.DeployAsync();
        var grain = cluster.Client.GetGrain<ISmokeGrain>("smoke");
        (await grain.Add(1, 2)).Should().Be(3);
        (await grain.Key()).Should().Be("smoke");
        var all = new List<int>();
        await foreach (var item in grain.Count(250))
        {
            all.Add(item);
        }

        all.Should().Equal(Enumerable.Range(0, 250));
        var failure = async () => await grain.Fail("no");
        await failure.Should().ThrowAsync<InvalidOperationException>().WithMessage("no");
    }
}
