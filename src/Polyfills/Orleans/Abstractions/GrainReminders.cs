using Orleans.Engine;

namespace Orleans;

/// <summary>What a grain with reminders can do about them. A reminder outlives the activation and the silo.</summary>
public static class GrainReminderExtensions
{
    /// <exception cref="InvalidOperationException">The grain is no <see cref="IRemindable"/>.</exception>
    /// <exception cref="ArgumentException">The period is shorter than the silo allows.</exception>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(
        this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        return grain is IRemindable
            ? Service(grain).Register(grain.GrainContext.GrainId, reminderName, dueTime, period)
            : throw new InvalidOperationException($"Grain {grain.GrainContext.GrainId} is not '{nameof(IRemindable)}'. A grain should "
                + $"implement {nameof(IRemindable)} to use the persistent reminder service");
    }

    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => Service(grain).Unregister((Reminder)reminder);

    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
        Service(grain).Find(grain.GrainContext.GrainId, reminderName);

    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => Service(grain).Find(grain.GrainContext.GrainId);

    static Reminders Service(IGrainBase grain) => grain.GrainContext.ActivationServices.GetService<Reminders>()
        ?? throw new InvalidOperationException("The silo keeps no reminders: configure a reminder service.");
}
