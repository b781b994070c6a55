namespace Orleans.Configuration;

/// <summary>Which cluster and which service the silo belongs to.</summary>
public class ClusterOptions
{
    public const string DefaultClusterId = "default";
    public const string DefaultServiceId = "default";
    internal const string DevelopmentClusterId = "dev";
    internal const string DevelopmentServiceId = "dev";

    /// <summary>The cluster; default "default".</summary>
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>The service, part of every stored state's key; default "default".</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}

/// <summary>What a silo is called.</summary>
public class SiloOptions
{
    /// <summary>The silo; default: a name of the engine's.</summary>
    public string? SiloName { get; set; }
}

/// <summary>Where a silo is reached; one process listens nowhere, but says so.</summary>
public class EndpointOptions
{
    public System.Net.IPAddress? AdvertisedIPAddress { get; set; }

    /// <summary>Default 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Default 30000.</summary>
    public int GatewayPort { get; set; } = 30000;
}

/// <summary>How calls behave.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer; default 30 seconds.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether calls whose callers have given up are dropped unmade; default true.</summary>
    public bool DropExpiredMessages { get; set; } = true;

    /// <summary>Whether a timeout cancels the call's token; default false.</summary>
    public bool CancelRequestOnTimeout { get; set; }
}

/// <summary>How calls behave on a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How many calls a grain may have waiting or running before more are refused; default 0: no limit.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }

    /// <summary>The same for each activation of a stateless worker; default 0: no limit.</summary>
    public int MaxEnqueuedRequestsHardLimit_StatelessWorker { get; set; }
}

/// <summary>When idle activations end.</summary>
public class GrainCollectionOptions
{
    /// <summary>How often idle activations are looked for; default one minute.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an activation may be idle; default 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same by the full name of the grain class.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long an activation may take to be made; default 30 seconds.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation may take to end; default 30 seconds.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>A store in memory.</summary>
public class MemoryGrainStorageOptions
{
    /// <summary>Default: the service of this type.</summary>
    public Storage.IGrainStorageSerializer? GrainStorageSerializer { get; set; }
}

#nullable disable
/// <summary>A store in a relational database.</summary>
public class AdoNetGrainStorageOptions
{
    public const string DEFAULT_ADONET_INVARIANT = "Microsoft.Data.SqlClient";

    public string ConnectionString { get; set; }

    /// <summary>The provider: "System.Data.SQLite" (by Microsoft.Data.Sqlite) or "Npgsql".</summary>
    public string Invariant { get; set; } = DEFAULT_ADONET_INVARIANT;

    /// <summary>Default: the service of this type.</summary>
    public Storage.IGrainStorageSerializer GrainStorageSerializer { get; set; }
}

/// <summary>Reminders in a relational database.</summary>
public class AdoNetReminderTableOptions
{
    public string ConnectionString { get; set; }

    /// <summary>The provider, as for a store.</summary>
    public string Invariant { get; set; }
}
#nullable restore
