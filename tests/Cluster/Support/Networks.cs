using System.Globalization;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Testing;

namespace OpenLedger.Cluster.Tests;

/// <summary>People, a Datanet and an adapter on a cluster, and questions to it.</summary>
static class Networks
{
    const int AskedMax = 200;

    static readonly TimeSpan pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The loop up to a deployed adapter; played once a cluster.</summary>
    public static Task<SampleNetwork> Trained(SiloCluster cluster) => SampleNetwork.Play(cluster.Network());

    /// <summary>
    /// A question, asked again under a new id when a silo went away over it: an answer that broke off is paid for as far as it went, or
    /// its hold expires, and is never paid for twice.
    /// </summary>
    public static async Task<Answer> Ask(SampleNetwork network, string name, string model = SampleNetwork.AdapterId)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{name}/{attempt}");
                return await network.Client.Complete(SampleNetwork.Request(id, model));
            }
            catch (Exception exception) when (attempt < AskedMax && Repetition.IsPassing(exception))
            {
                await Task.Delay(pause);
            }
        }
    }
}
