using Microsoft.Data.Sqlite;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Silo;
using OpenLedger.Storage;

namespace OpenLedger.Testing;

/// <summary>Sets the stored state of governance, of a folder at rest, to what a crash or a long time leaves behind.</summary>
static class InterruptedLock
{
    /// <summary>As after the book moved the first lock of 10 OPEN and before governance wrote that it counts.</summary>
    public static void WriteDown(TemporaryFolder folder, string account) => Change(folder, state =>
    {
        using var key = SampleNetwork.NewKey("ada");
        var network = DataFolder.ReadLogKey(folder.At("data")).Split('+')[0];
        var command = new LockVotes("first", account, Amount.FromOpen(10), account);
        var signed = key.Authorize<IGovernanceGrain>(
            network, Networks.Main, nameof(IGovernanceGrain.Lock), RequestBody.Of(command), command.Amount);
        state.Moves.Add(new StoredMove(state.RecentMoves.Single(), account, command.Amount.ToString(), account, signed));
        state.RecentMoves.Clear();
        state.Voters.Clear();
        state.Supply.Clear();
    });

    /// <summary>As after so many moves that this one's id was forgotten.</summary>
    public static void ForgetMoves(TemporaryFolder folder) => Change(folder, state => state.RecentMoves.Clear());

    static void Change(TemporaryFolder folder, Action<GovernanceState> change)
    {
        var path = Path.Combine(folder.At("data"), "state.db");
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var read = connection.CreateCommand();
        read.CommandText = "SELECT PayloadBinary FROM OrleansStorage WHERE GrainTypeString LIKE '%governance%'";
        var serializer = new StateSerializer();
        var state = serializer.Deserialize<GovernanceState>(new BinaryData((byte[])read.ExecuteScalar()!))!;
        change(state);
        using var write = connection.CreateCommand();
        write.CommandText = "UPDATE OrleansStorage SET PayloadBinary = $payload WHERE GrainTypeString LIKE '%governance%'";
        write.Parameters.AddWithValue("$payload", serializer.Serialize(state).ToArray());
        write.ExecuteNonQuery().Should().Be(1);
    }
}
