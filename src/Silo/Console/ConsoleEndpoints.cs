using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace OpenLedger.Silo.Console;

/// <summary>Puts the operators' pages into a host that has an <see cref="IOperatorView"/>.</summary>
static class ConsoleEndpoints
{
    /// <summary>Circuits of pages that lost their connection, kept for when it comes back.</summary>
    const int LostCircuitsMax = 16;

    /// <summary>For as long is a lost page watched for; then nobody looks any more.</summary>
    static readonly TimeSpan lostCircuitKept = TimeSpan.FromSeconds(20);

    /// <summary>Nothing from elsewhere, nothing inline: whatever a name on the page may hold, it is never run.</summary>
    const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <exception cref="UserErrorException">The operator token is too short or too long.</exception>
    public static void AddConsole(this IServiceCollection services, ConsoleOptions options)
    {
        options.Validate();
        services
            .AddSingleton(options)
            .AddSingleton<OperatorFeed>()
            .AddOperatorPolicy();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = LostCircuitsMax;
            circuits.DisconnectedCircuitRetentionPeriod = lostCircuitKept;
        });
    }

    public static void MapConsole(this WebApplication application)
    {
        application.UseAuthentication();
        application.UseAuthorization();
        application.UseAntiforgery();
        application.MapConsoleAssets();
        application.MapSignIn();
        application.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization(OperatorPolicy.Name)
            .Add(endpoint => endpoint.RequestDelegate = WithHeaders(endpoint.RequestDelegate!));
    }

    static RequestDelegate WithHeaders(RequestDelegate handle) => context =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return handle(context);
    };
}
