namespace Orleans;

/// <summary>A grain that has reminders.</summary>
public interface IRemindable : IGrain
{
    Task ReceiveReminder(string reminderName, Runtime.TickStatus status);
}
