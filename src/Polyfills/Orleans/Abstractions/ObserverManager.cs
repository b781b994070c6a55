using Microsoft.Extensions.Logging;

namespace Orleans.Utilities;

/// <summary>The observers that have subscribed lately; those that fail or have not renewed their subscription are left out.</summary>
public class ObserverManager<TObserver>(TimeSpan expiration, ILogger log)
{
    Dictionary<IAddressable, (TObserver Observer, DateTime LastSeen)> observers = [];

    public Func<DateTime> GetDateTime { get; set; } = static () => TimeProvider.System.GetUtcNow().UtcDateTime;
    public TimeSpan ExpirationDuration { get; set; } = expiration;
    public int Count => observers.Count;

    public void Clear() => observers = [];

    // Those that are being notified are in the dictionary of before.
    public void Subscribe(IAddressable id, TObserver observer) =>
        observers = new(observers) { [id] = (observer, GetDateTime()) };

    public void Unsubscribe(IAddressable id)
    {
        observers = new(observers);
        observers.Remove(id);
    }

    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, (observer, _)) in Living().Where(pair => predicate?.Invoke(pair.Value.Observer) ?? true))
        {
            try
            {
                await notification(observer);
            }
            catch (Exception exception)
            {
                log.LogDebug(exception, "Observer {Observer} failed and is removed", observer);
                Unsubscribe(id);
            }
        }
    }

    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null) => Notify(
        observer =>
        {
            notification(observer);
            return Task.CompletedTask;
        },
        predicate).GetAwaiter().GetResult();

    Dictionary<IAddressable, (TObserver Observer, DateTime LastSeen)> Living()
    {
        var now = GetDateTime();
        return observers = observers.Where(pair => pair.Value.LastSeen + ExpirationDuration >= now).ToDictionary();
    }
}
