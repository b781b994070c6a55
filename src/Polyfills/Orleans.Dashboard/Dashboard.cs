using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace Orleans.Dashboard;

/// <summary>What the dashboard can be told; the page that stands in for it has nothing to apply it to.</summary>
public sealed class DashboardOptions
{
    public bool HideTrace { get; set; }
    public int CounterUpdateIntervalMs { get; set; } = 1000;
    public int HistoryLength { get; set; } = 100;
}

/// <summary>Registers the dashboard and maps it: here, a page that says where it comes from.</summary>
public static class ServiceCollectionExtensions
{
    const string Page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Orleans dashboard</title>
        </head>
        <body>
        <main>
        <h1>The Orleans dashboard is not part of this build</h1>
        <p>This silo runs all of its grains in one process, on a stand-in for Orleans. The dashboard comes with the Orleans packages.</p>
        <p>Where the package registry has them, switch with <code>dotnet restore eng/upstream.orleans.proj</code>, build again, and
        this address shows the dashboard.</p>
        <p>Activations and calls by grain type are on <a href="/">the console</a> with either engine.</p>
        </main>
        </body>
        </html>
        """;

    public static ISiloBuilder AddDashboard(this ISiloBuilder siloBuilder, Action<DashboardOptions>? configureOptions = null)
    {
        siloBuilder.Services.Configure(configureOptions ?? (_ => { }));
        siloBuilder.Services.AddSingleton<DashboardMarker>();
        return siloBuilder;
    }

    public static RouteGroupBuilder MapOrleansDashboard(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string? routePrefix = null)
    {
        if (endpoints.ServiceProvider.GetService<DashboardMarker>() is null)
        {
            throw new InvalidOperationException(
                "Orleans Dashboard services have not been registered. Please call AddDashboard on ISiloBuilder or IClientBuilder.");
        }

        var group = endpoints.MapGroup(routePrefix ?? "");
        group.MapGet("/", () => Results.Content(Page, "text/html; charset=utf-8"));
        return group;
    }

    sealed class DashboardMarker;
}
