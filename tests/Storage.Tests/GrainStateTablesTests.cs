using Microsoft.Data.Sqlite;

namespace OpenLedger.Storage.Tests;

/// <summary>The statements, as the engine's provider runs them: one row by name where the version moved, none where it did not.</summary>
public sealed class GrainStateTablesTests
{
    [Fact]
    public void A_record_moves_from_version_to_version()
    {
        using var tables = new Tables();
        tables.Read("acct_one").Should().BeNull();
        tables.Write("acct_one", null, 1).Should().Be(1);
        tables.Write("acct_one", 1, 2).Should().Be(2);
        tables.Read("acct_one").Should().Be((2L, (byte?)2));
        tables.Clear("acct_one", 2).Should().Be(3);
        tables.Read("acct_one").Should().Be((3L, (byte?)null));
        tables.Write("acct_one", 3, 4).Should().Be(4);
        tables.Read("acct_two").Should().BeNull();
    }

    [Fact]
    public void A_stale_writer_changes_nothing()
    {
        using var tables = new Tables();
        _ = tables.Write("acct_one", null, 1);
        _ = tables.Write("acct_one", 1, 2);
        tables.Write("acct_one", null, 9).Should().BeNull("another record was there first");
        tables.Write("acct_one", 1, 9).Should().BeNull("the version is old");
        tables.Clear("acct_one", 1).Should().BeNull("the version is old");
        tables.Write("acct_two", 1, 9).Should().BeNull("the record is gone");
        tables.Read("acct_one").Should().Be((2L, (byte?)2));
        tables.Read("acct_two").Should().BeNull();
    }

    [Fact]
    public void Creating_twice_keeps_the_records()
    {
        using var tables = new Tables();
        _ = tables.Write("acct_one", null, 1);
        GrainStateTables.Create(tables.Path);
        tables.Read("acct_one").Should().Be((1L, (byte?)1));
    }

    [Fact]
    public void A_file_of_something_else_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.db");
        System.IO.File.WriteAllText(path, "no database, and long enough to be taken for the head of one: " + new string('x', 200));
        var create = () => GrainStateTables.Create(path);
        create.Should().Throw<DataFolderException>().WithMessage($"*{path}*");
    }

    sealed class Tables : IDisposable
    {
        readonly TemporaryFolder folder = new();
        readonly SqliteConnection connection;

        public Tables()
        {
            GrainStateTables.Create(Path);
            connection = new SqliteConnection($"Data Source={Path};Pooling=False");
            connection.Open();
        }

        public string Path => folder.File("state.db");

        public long? Write(string key, int? version, byte payload) => Version("WriteToStorageKey", key, version, payload);

        public long? Clear(string key, int? version) => Version("ClearStorageKey", key, version, 0);

        public (long Version, byte? Payload)? Read(string key)
        {
            using var command = Command("ReadFromStorageKey", key, null, 0);
            using var reader = command.ExecuteReader();
            return reader.Read()
                ? ((long)reader["Version"], reader["PayloadBinary"] is byte[] payload ? payload[0] : null)
                : null;
        }

        public void Dispose()
        {
            connection.Dispose();
            folder.Dispose();
        }

        long? Version(string query, string key, int? version, byte payload)
        {
            using var command = Command(query, key, version, payload);
            using var reader = command.ExecuteReader();
            return reader.Read() ? (long)reader["NewGrainStateVersion"] : null;
        }

        SqliteCommand Command(string query, string key, int? version, byte payload)
        {
            using var find = connection.CreateCommand();
            find.CommandText = "SELECT QueryText FROM OrleansQuery WHERE QueryKey = @key";
            _ = find.Parameters.AddWithValue("@key", query);
            var command = connection.CreateCommand();
            command.CommandText = (string)find.ExecuteScalar()!;
            _ = command.Parameters.AddWithValue("@ServiceId", "service");
            _ = command.Parameters.AddWithValue("@GrainTypeString", "state");
            _ = command.Parameters.AddWithValue("@GrainIdHash", 1);
            _ = command.Parameters.AddWithValue("@GrainTypeHash", 1);
            _ = command.Parameters.AddWithValue("@GrainIdN0", 0L);
            _ = command.Parameters.AddWithValue("@GrainIdN1", 0L);
            _ = command.Parameters.AddWithValue("@GrainIdExtensionString", key);
            _ = command.Parameters.AddWithValue("@GrainStateVersion", (object?)version ?? DBNull.Value);
            _ = command.Parameters.AddWithValue("@PayloadBinary", new[] { payload });
            return command;
        }
    }
}
