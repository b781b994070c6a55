namespace Microsoft.Extensions.Hosting;

public static class OrleansClientGenericHostExtensions
{
    public static HostApplicationBuilder UseOrleansClient(
        this HostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.IClientBuilder> configureDelegate)
    {
        configureDelegate(new Orleans.Hosting.ClientBuilder(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }
}
