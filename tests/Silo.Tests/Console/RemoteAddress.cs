using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>Lets a test's request come from elsewhere: a header says from where, before anything else looks at the connection.</summary>
static class RemoteAddress
{
    public const string Header = "Test-Remote-Address";

    public static void Pretend(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter>(new Filter());

    sealed class Filter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
        {
            application.Use((context, handle) =>
            {
                if (context.Request.Headers.TryGetValue(Header, out var address))
                {
                    context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
                }

                return handle(context);
            });
            next(application);
        };
    }
}
