using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Engine;

/// <summary>Reminders in SQLite or PostgreSQL, in the rows that Orleans would use.</summary>
sealed class AdoNetReminderTable(IOptions<ClusterOptions> cluster, IOptions<AdoNetReminderTableOptions> options)
    : IReminderTable, IDisposable
{
    readonly RelationalTables tables = new(options.Value.Invariant, options.Value.ConnectionString);

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Read("ReadReminderRowsKey", Grain(grainId));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Read(
        (int)begin < (int)end ? "ReadRangeRows1Key" : "ReadRangeRows2Key",
        ("BeginHash", (int)begin, DbType.Int32),
        ("EndHash", (int)end, DbType.Int32));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Read("ReadReminderRowKey", Grain(grainId), Name(reminderName))).Reminders.SingleOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry) => (await tables.Run(
        "UpsertReminderRowKey",
        Version,
        Service,
        Grain(entry.GrainId),
        Name(entry.ReminderName),
        ("GrainHash", (int)entry.GrainId.GetUniformHashCode(), DbType.Int32),
        ("StartTime", DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc), DbType.DateTime),
        ("Period", (long)entry.Period.TotalMilliseconds, DbType.Int64))).Single();

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => (await tables.Run(
        "DeleteReminderRowKey",
        reader => Convert.ToBoolean(reader[0], CultureInfo.InvariantCulture),
        Service,
        Grain(grainId),
        Name(reminderName),
        ("Version", int.Parse(eTag, CultureInfo.InvariantCulture), DbType.Int32))).Single();

    public Task TestOnlyClearTable() => tables.Run("DeleteReminderRowsKey", _ => 0, Service);

    public void Dispose() => tables.Dispose();

    (string, object?, DbType) Service => ("ServiceId", cluster.Value.ServiceId, DbType.String);

    static (string, object?, DbType) Grain(GrainId id) => ("GrainId", id.ToString(), DbType.String);

    static (string, object?, DbType) Name(string reminder) => ("ReminderName", reminder, DbType.String);

    static string? Version(DbDataReader reader) => Convert.ToString(reader["Version"], CultureInfo.InvariantCulture);

    async Task<ReminderTableData> Read(string key, params (string, object?, DbType)[] parameters) => new(await tables.Run(
        key,
        reader => new ReminderEntry
        {
            GrainId = GrainId.Parse((string)reader["GrainId"]),
            ReminderName = (string)reader["ReminderName"],
            StartAt = DateTime.SpecifyKind(reader.GetDateTime(reader.GetOrdinal("StartTime")), DateTimeKind.Utc),
            Period = TimeSpan.FromMilliseconds(reader.GetInt64(reader.GetOrdinal("Period"))),
            ETag = Version(reader),
        },
        [Service, .. parameters]));
}
