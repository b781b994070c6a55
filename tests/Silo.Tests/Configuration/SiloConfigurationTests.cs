using OpenLedger.Silo.Configuration;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Configuration;

/// <summary>A silo's options come from file, environment and command line; what cannot stand is refused by name, with its fix.</summary>
public sealed class SiloConfigurationTests
{
    static readonly SiloOptions defaults = new() { DataFolder = "data" };

    [Fact]
    public void Nothing_said_is_one_silo_on_this_machine()
    {
        var options = Read();
        options.DataFolder.Should().Be("data");
        options.Storage.Kind.Should().Be(StorageKind.Sqlite);
        options.Cluster.Clustering.Should().Be(ClusteringKind.Localhost);
        options.Cluster.ServiceId.Should().Be("openledger");
    }

    [Fact]
    public void The_command_line_goes_before_the_file()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("silo.json");
        File.WriteAllText(file, """
            { "OpenLedger": {
                "DataFolder": "/var/lib/openledger",
                "Models": { "md_one": "/models/one" },
                "Storage": { "Kind": "PostgreSql", "ConnectionString": "Host=db;Database=open;Username=silo" },
                "Cluster": { "Clustering": "AdoNet", "SiloPort": 12000, "AdvertisedAddress": "10.0.0.4" },
                "Liveness": { "ProbesMissedMax": 2 },
                "Hardware": { "Accelerator": "cpu" } } }
            """);
        var configuration = SiloConfiguration.Load(file, new Dictionary<string, string?>
        {
            ["OpenLedger:Cluster:SiloPort"] = "12001",
            ["OpenLedger:Cluster:GatewayPort"] = null,
        });

        var options = SiloConfiguration.Read(configuration, defaults);

        options.DataFolder.Should().Be("/var/lib/openledger");
        options.Models.Should().ContainSingle().Which.Value.Should().Be("/models/one");
        options.Cluster.SiloPort.Should().Be(12_001);
        options.Cluster.GatewayPort.Should().BeNull();
        options.Cluster.AdvertisedAddress.Should().Be("10.0.0.4");
        options.Liveness.ProbesMissedMax.Should().Be(2);
        options.Hardware.Accelerator.Should().Be("cpu");
    }

    [Theory]
    [InlineData("Cluster:SiloPort", "70000", "*OpenLedger:Cluster:SiloPort*70000*take a port from 1 to 65535*")]
    [InlineData("Cluster:SiloPort", "many", "*many*OpenLedger:Cluster:SiloPort*")]
    [InlineData("Cluster:Clustering", "Zoo", "*OpenLedger:Cluster:Clustering*")]
    [InlineData("Cluster:ClusterId", "My cluster", "*OpenLedger:Cluster:ClusterId*My cluster*lower-case letters*")]
    [InlineData("Cluster:AdvertisedAddress", "0.0.0.0", "*OpenLedger:Cluster:AdvertisedAddress is '0.0.0.0'*take an IP address*")]
    [InlineData("Cluster:Clustering", "AdoNet", "*OpenLedger:Cluster:Clustering is AdoNet*OpenLedger:Storage:Kind*set it to PostgreSql*")]
    [InlineData("Log:CheckpointMs", "0", "*OpenLedger:Log:CheckpointMs*take 10 to 3,600,000*")]
    [InlineData("Log:Witnesses:0:Url", "nowhere", "*OpenLedger:Log:Witnesses:0:Url is 'nowhere'*Witnesses:0:Key cannot stand*")]
    [InlineData("Storage:Kind", "PostgreSql", "*OpenLedger:Storage:ConnectionString is missing*Host=*")]
    [InlineData("Storage:ConnectionString", "Host=x;Database=y", "*OpenLedger:Storage:Kind is Sqlite*")]
    [InlineData("Liveness:ProbeTimeoutMs", "1", "*OpenLedger:Liveness:ProbeTimeoutMs is '1'*100 to 60,000*")]
    [InlineData("Liveness:ProbeTimeoutMaxMs", "500", "*OpenLedger:Liveness:ProbeTimeoutMaxMs is 500*raise it*")]
    [InlineData("Hardware:Accelerator", "tpu", "*OpenLedger:Hardware:Accelerator is 'tpu'*cuda or cpu*")]
    [InlineData("Cluster:SiloProt", "1", "*options that there are not: 'SiloProt'*docs/cluster.md*")]
    public void What_cannot_stand_is_refused_by_name(string key, string value, string message)
    {
        var act = () => Read((key, value));
        act.Should().Throw<UserErrorException>().WithMessage(message);
    }

    [Fact]
    public void One_port_for_two_purposes_is_refused()
    {
        var act = () => Read(("Cluster:SiloPort", "5000"), ("Cluster:GatewayPort", "5000"));
        act.Should().Throw<UserErrorException>().WithMessage("*both 5000: take two ports*");
    }

    [Fact]
    public void A_password_is_neither_described_nor_printed_nor_in_an_error()
    {
        const string connection = "Host=db;Database=open;Username=silo;Password=hunter2";
        var options = Read(("Storage:Kind", "PostgreSql"), ("Storage:ConnectionString", connection));
        options.Storage.Describe().Should().Be("PostgreSQL database open on db as silo");
        options.ToString().Should().NotContain("hunter2");

        var act = () => Read(("Storage:Kind", "PostgreSql"), ("Storage:ConnectionString", "Username=silo;Password=hunter2"));
        act.Should().Throw<UserErrorException>().Which.Message.Should().NotContain("hunter2");
    }

    [Fact]
    public void A_file_that_is_missing_or_no_JSON_is_refused()
    {
        using var folder = new TemporaryFolder();
        var missing = () => SiloConfiguration.Load(folder.At("none.json"));
        missing.Should().Throw<UserErrorException>().WithMessage("*none.json*");

        File.WriteAllText(folder.At("broken.json"), "{ \"OpenLedger\": ");
        var broken = () => SiloConfiguration.Load(folder.At("broken.json"));
        broken.Should().Throw<UserErrorException>().WithMessage("*broken.json cannot be read*");
    }

    static SiloOptions Read(params (string Key, string Value)[] settings)
    {
        var overrides = settings.ToDictionary(pair => $"OpenLedger:{pair.Key}", string? (pair) => pair.Value, StringComparer.Ordinal);
        return SiloConfiguration.Read(SiloConfiguration.Load(null, overrides), defaults);
    }
}
