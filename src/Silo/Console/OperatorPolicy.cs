using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OpenLedger.Silo.Console;

/// <summary>
/// Who may see the operators' pages. Without an operator token: whoever is on this machine. With one: whoever has signed in with it,
/// this machine included, as a proxy on it makes everybody local.
/// </summary>
static class OperatorPolicy
{
    /// <summary>Name of the authorization policy.</summary>
    public const string Name = "Operators";

    /// <summary>The page that asks for the token.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>Where that page posts to.</summary>
    public const string SignInAction = "/operators/sign-in";

    public const string SignOutAction = "/operators/sign-out";

    /// <summary>The field of the form.</summary>
    public const string TokenField = "token";

    const string CookieName = "openledger-operator";
    const int SignedInHours = 12;

    public static void AddOperatorPolicy(this IServiceCollection services)
    {
        // Keys of cookies live as long as the process: nothing of them is written anywhere, and a restart signs everybody out.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = CookieName;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(SignedInHours);
            cookie.LoginPath = SignInPath;
            cookie.Events.OnRedirectToLogin = Challenge;
            cookie.Events.OnRedirectToAccessDenied = Deny;
        });
        services.AddSingleton<IAuthorizationHandler, OperatorHandler>();
        services.AddAuthorizationBuilder().AddPolicy(Name, policy => policy.AddRequirements(new OperatorRequirement()));
    }

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(SignInAction, SignIn);
        endpoints.MapPost(SignOutAction, SignOut);
    }

    /// <summary>Whether a request was made on this machine, by a page of this server or by no page at all.</summary>
    public static bool IsLocal(HttpContext context)
    {
        // Behind a proxy everybody has the proxy's address.
        var headers = context.Request.Headers;
        if (headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Via"))
        {
            return false;
        }

        // A foreign page whose name was made to resolve to this machine has its own name in Host.
        var host = context.Request.Host.Host;
        var named = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        return named && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote);
    }

    /// <summary>Whether no page of another site made the request; browsers say so where it matters, WebSockets among it.</summary>
    public static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is not [{ Length: > 0 } origin]
        || (Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));

    static async Task<IResult> SignIn(HttpContext context, ConsoleOptions options)
    {
        if (options.OperatorToken is not { } token)
        {
            return Results.Redirect("/");
        }

        if (!IsSameOrigin(context.Request) || !context.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!Matches(form[TokenField].ToString(), token))
        {
            return Results.Redirect($"{SignInPath}?refused=true");
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, "operator")], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(new ClaimsPrincipal(identity));
        return Results.Redirect("/");
    }

    static async Task<IResult> SignOut(HttpContext context)
    {
        if (!IsSameOrigin(context.Request))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        await context.SignOutAsync();
        return Results.Redirect(SignInPath);
    }

    /// <summary>Compares in constant time: hashes have one length, whatever was typed.</summary>
    static bool Matches(string given, string token) => CryptographicOperations.FixedTimeEquals(Hash(given), Hash(token));

    static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>A browser is led to the sign-in page where signing in would help; everything else is told why not.</summary>
    static Task Challenge(RedirectContext<CookieAuthenticationOptions> refusal)
    {
        var context = refusal.HttpContext;
        if (context.RequestServices.GetRequiredService<ConsoleOptions>().OperatorToken is null)
        {
            return Refuse(
                context,
                StatusCodes.Status403Forbidden,
                "The operators' pages are for this machine alone. To open them to others, start with an operator token "
                + $"({ConsoleOptions.Section}:{nameof(ConsoleOptions.OperatorToken)}).");
        }

        if (HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            context.Response.Redirect(SignInPath);
            return Task.CompletedTask;
        }

        return Refuse(
            context, StatusCodes.Status401Unauthorized, $"The operators' pages are for operators: sign in at {SignInPath}.");
    }

    /// <summary>Whoever has signed in is refused only what a page of another site asks in their name.</summary>
    static Task Deny(RedirectContext<CookieAuthenticationOptions> refusal) => Refuse(
        refusal.HttpContext, StatusCodes.Status403Forbidden, "A page of another site asked for this; open the console's own address.");

    static Task Refuse(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }

    sealed class OperatorRequirement : IAuthorizationRequirement;

    sealed class OperatorHandler : AuthorizationHandler<OperatorRequirement>
    {
        readonly ConsoleOptions _options;

        public OperatorHandler(ConsoleOptions options) => _options = options;

        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperatorRequirement requirement)
        {
            if (context.Resource is HttpContext http && IsSameOrigin(http.Request)
                && (_options.OperatorToken is null ? IsLocal(http) : http.User.Identity is { IsAuthenticated: true }))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }
}
