using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Orleans.Engine;

/// <summary>A reminder as its grain knows it.</summary>
sealed record Reminder(GrainId GrainId, string ReminderName, string Version) : IGrainReminder
{
    public static Reminder Of(ReminderEntry entry) => new(entry.GrainId, entry.ReminderName, entry.ETag!);
}

/// <summary>Ticks the reminders of the table: each at its next due time, also those that a stop has made late.</summary>
sealed class Reminders(Silo silo, IReminderTable table, IOptions<ReminderOptions> options, IGrainFactory grains)
{
    // Timers of the framework know no longer due time than some 49 days.
    static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    readonly Lock gate = new();
    readonly Dictionary<(GrainId, string), ITimer> timers = [];
    bool stopped;

    public async Task Start(CancellationToken cancellationToken)
    {
        await table.StartAsync(cancellationToken);
        foreach (var entry in (await table.ReadRows(0, 0)).Reminders)
        {
            Arm(entry);
        }
    }

    public void Stop()
    {
        lock (gate)
        {
            stopped = true;
            foreach (var timer in timers.Values)
            {
                timer.Dispose();
            }
        }
    }

    public async Task<IGrainReminder> Register(GrainId id, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException($"Cannot register reminder {name} as requested period ({period}) is less than minimum allowed "
                + $"reminder period ({options.Value.MinimumReminderPeriod})", nameof(period));
        }

        var entry = new ReminderEntry { GrainId = id, ReminderName = name, StartAt = Now + dueTime, Period = period };
        entry.ETag = await table.UpsertRow(entry);
        Arm(entry);
        return Reminder.Of(entry);
    }

    /// <exception cref="ReminderException">The reminder was changed since it was asked for.</exception>
    public async Task Unregister(Reminder reminder)
    {
        if (!await table.RemoveRow(reminder.GrainId, reminder.ReminderName, reminder.Version)
            && await table.ReadRow(reminder.GrainId, reminder.ReminderName) is not null)
        {
            throw new ReminderException(
                $"Could not unregister reminder {reminder} from the reminder table, due to tag mismatch. You can retry.");
        }

        lock (gate)
        {
            if (timers.Remove((reminder.GrainId, reminder.ReminderName), out var timer))
            {
                timer.Dispose();
            }
        }
    }

    public async Task<IGrainReminder?> Find(GrainId id, string name) => await table.ReadRow(id, name) is { } row ? Reminder.Of(row) : null;

    public async Task<List<IGrainReminder>> Find(GrainId id) => [.. (await table.ReadRows(id)).Reminders.Select(Reminder.Of)];

    DateTime Now => silo.Time.GetUtcNow().UtcDateTime;

    // Due times are multiples of the period after the first: a late tick moves none of those to come.
    void Arm(ReminderEntry entry, DateTime? ticked = null)
    {
        var now = Now;
        var past = (ticked > now ? ticked.Value : now) - entry.StartAt;
        var due = past < TimeSpan.Zero || (past == TimeSpan.Zero && ticked is null)
            ? entry.StartAt
            : entry.StartAt + (entry.Period * (Math.Floor(past / entry.Period) + 1));
        var wait = due - now;
        lock (gate)
        {
            if (timers.Remove((entry.GrainId, entry.ReminderName), out var before))
            {
                before.Dispose();
            }

            if (!stopped)
            {
                using var suppressed = ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow();
                timers[(entry.GrainId, entry.ReminderName)] = silo.Time.CreateTimer(
                    _ => Task.Run(() => Tick(entry, due)), null, wait > WaitMax ? WaitMax : wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    async Task Tick(ReminderEntry entry, DateTime due)
    {
        if (Now < due)
        {
            Arm(entry);
            return;
        }

        try
        {
            await grains.GetGrain<IRemindable>(entry.GrainId).ReceiveReminder(entry.ReminderName, new(entry.StartAt, entry.Period, Now));
        }
        catch (Exception exception)
        {
            silo.Log.LogError(exception, "Could not deliver reminder tick for {Reminder} of {Grain}", entry.ReminderName, entry.GrainId);
        }

        // Registered anew or not at all meanwhile: then this one has nothing to arm.
        lock (gate)
        {
            if (!timers.ContainsKey((entry.GrainId, entry.ReminderName)))
            {
                return;
            }
        }

        try
        {
            if ((await table.ReadRow(entry.GrainId, entry.ReminderName))?.ETag == entry.ETag)
            {
                Arm(entry, due);
            }
        }
        catch (Exception exception)
        {
            silo.Log.LogWarning(exception, "Could not read reminder {Reminder} of {Grain}: it goes on", entry.ReminderName, entry.GrainId);
            Arm(entry, due);
        }
    }
}

/// <summary>Reminders that last as long as the silo's host.</summary>
sealed class MemoryReminderTable : IReminderTable
{
    readonly System.Collections.Concurrent.ConcurrentDictionary<(GrainId, string), ReminderEntry> rows = new();

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Task.FromResult(new ReminderTableData(rows.Values.Where(row => row.GrainId == grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(rows.Values));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult(rows.GetValueOrDefault((grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        entry.ETag = Numbers.NextGuid().ToString("N");
        rows[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.FromResult(
        rows.TryGetValue((grainId, reminderName), out var row) && row.ETag == eTag && rows.TryRemove(new((grainId, reminderName), row)));

    public Task TestOnlyClearTable()
    {
        rows.Clear();
        return Task.CompletedTask;
    }
}
