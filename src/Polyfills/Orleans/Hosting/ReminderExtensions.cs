using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Engine;

namespace Orleans.Hosting;

/// <summary>How reminders behave.</summary>
public sealed class ReminderOptions
{
    /// <summary>The shortest period of a reminder; default one minute.</summary>
    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often other silos' changes are looked for; one process has none. Default five minutes.</summary>
    public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>Reminders in whatever table is registered, or in memory.</summary>
public static class SiloBuilderReminderExtensions
{
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) =>
        builder.ConfigureServices(services => services.TryAddSingleton<Reminders>());

    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder) =>
        builder.AddReminders().ConfigureServices(services => services.AddSingleton<IReminderTable, MemoryReminderTable>());

    public static ISiloBuilder UseAdoNetReminderService(
        this ISiloBuilder builder, Action<Configuration.AdoNetReminderTableOptions> configureOptions) =>
        builder.AddReminders().Configure(configureOptions)
            .ConfigureServices(services => services.AddSingleton<IReminderTable, AdoNetReminderTable>());
}
