using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Engine;

/// <summary>A grain class and what its attributes say.</summary>
sealed class GrainClass
{
    readonly Lazy<(ObjectFactory? Factory, Func<Activation, object>[] Facets)> construction;

    public GrainClass(Silo silo, Type type)
    {
        Type = type;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.Type ?? GrainType.Create(DefaultName(type));
        Interfaces = [.. type.GetInterfaces().Where(GrainClasses.IsGrainInterface).OrderBy(Depth)];
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        WorkersMax = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers;
        AgeLimit = AgeOf(type, silo);
        MailboxLimit = WorkersMax is null
            ? (silo.Messaging.MaxEnqueuedRequestsHardLimit, nameof(silo.Messaging.MaxEnqueuedRequestsHardLimit))
            : (silo.Messaging.MaxEnqueuedRequestsHardLimit_StatelessWorker,
                nameof(silo.Messaging.MaxEnqueuedRequestsHardLimit_StatelessWorker));
        construction = new(() => Construction(type));
        var activate = type.GetMethod(nameof(Grain.OnActivateAsync), [typeof(CancellationToken)]);
        ActivatesAtOnce = typeof(Grain).IsAssignableFrom(type) && activate?.DeclaringType == typeof(Grain);
        Placement = GrainPlacement.Of(silo, type);
    }

    public Type Type { get; }
    public GrainType GrainType { get; }
    public Type[] Interfaces { get; }
    public bool IsReentrant { get; }

    /// <summary>For a stateless worker, how many activations one key may have.</summary>
    public int? WorkersMax { get; }

    /// <summary>How long an activation may be idle; null for ever.</summary>
    public TimeSpan? AgeLimit { get; }
    public (int Limit, string Name) MailboxLimit { get; }

    /// <summary>Whether nothing of the class runs when it activates.</summary>
    public bool ActivatesAtOnce { get; }

    /// <summary>Who chooses the silo of an activation, where the application does.</summary>
    public GrainPlacement? Placement { get; }

    /// <summary>Makes an instance; runs as a turn of its activation.</summary>
    public object Create(Activation activation)
    {
        var (factory, facets) = construction.Value;
        return factory is null
            ? Activator.CreateInstance(Type)!
            : factory(activation.ActivationServices, [.. facets.Select(facet => facet(activation))]);
    }

    static TimeSpan? AgeOf(Type type, Silo silo)
    {
        var limit = type.GetCustomAttribute<CollectionAgeLimitAttribute>();
        if (type.IsDefined(typeof(KeepAliveAttribute), true) || limit is { AlwaysActive: true })
        {
            return null;
        }

        return limit?.AgeLimit
            ?? silo.Collection.ClassSpecificCollectionAge.GetValueOrDefault(type.FullName!, silo.Collection.CollectionAge);
    }

    // The most derived interface first: it can all that the others can.
    static int Depth(Type type) => -type.GetInterfaces().Length;

    // FooGrain is known as foo.
    static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    // Most have no services to ask for: then no scope is made for them.
    static (ObjectFactory? Factory, Func<Activation, object>[] Facets) Construction(Type type)
    {
        if (type.GetConstructors() is [var only] && only.GetParameters().Length == 0)
        {
            return (null, []);
        }

        var marked = type.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Select(parameter => (parameter, state: parameter.GetCustomAttribute<PersistentStateAttribute>()))
            .Where(pair => pair.state is not null)
            .ToArray();
        var factory = ActivatorUtilities.CreateFactory(type, [.. marked.Select(pair => pair.parameter.ParameterType)]);
        return (factory, [.. marked.Select(pair => PersistentStates.Facet(pair.parameter, pair.state!))]);
    }
}

/// <summary>All grain classes of the application, by name and by interface.</summary>
sealed class GrainClasses
{
    static readonly Type[] KeyInterfaces =
    [
        typeof(IGrain), typeof(IAddressable), typeof(IGrainWithIntegerKey), typeof(IGrainWithStringKey),
        typeof(IGrainObserver),
    ];

    readonly Dictionary<GrainType, GrainClass> byName = [];
    readonly Dictionary<Type, List<GrainClass>> byInterface = [];
    readonly System.Collections.Concurrent.ConcurrentDictionary<Type, GrainClass> observers = new();
    readonly Silo silo;

    public GrainClasses(Silo silo, IEnumerable<Assembly> assemblies)
    {
        this.silo = silo;
        var types = assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false })
            .Where(type => typeof(IGrainBase).IsAssignableFrom(type) && type.GetInterfaces().Any(IsGrainInterface));
        foreach (var type in types)
        {
            var grainClass = new GrainClass(silo, type);
            if (!byName.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"{type} and {byName[grainClass.GrainType].Type} are both grains named \"{grainClass.GrainType}\". "
                    + "Give one of them another name with [GrainType].");
            }

            foreach (var grainInterface in grainClass.Interfaces)
            {
                (byInterface.TryGetValue(grainInterface, out var classes) ? classes : byInterface[grainInterface] = []).Add(grainClass);
            }
        }
    }

    public static bool IsGrainInterface(Type type) =>
        type.IsInterface && !KeyInterfaces.Contains(type)
        && (typeof(IGrain).IsAssignableFrom(type) || typeof(IGrainObserver).IsAssignableFrom(type));

    public GrainClass Get(GrainType name) => byName.TryGetValue(name, out var grainClass)
        ? grainClass
        : throw new ArgumentException($"Could not find an implementation for grain type {name}.", nameof(name));

    /// <summary>The class of an observer, which is no grain.</summary>
    public GrainClass OfObserver(Type type) => observers.GetOrAdd(type, static (key, owner) => new(owner, key), silo);

    /// <summary>The one class of an interface, or the one whose name begins so.</summary>
    public GrainType Resolve(Type grainInterface, string? prefix)
    {
        var classes = byInterface.GetValueOrDefault(grainInterface) ?? [];
        var chosen = string.IsNullOrEmpty(prefix)
            ? classes
            : classes.FindAll(item => item.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal));

        // Among several, the one of exactly this name, or the one that is named as the interface is.
        var primary = chosen.FindAll(item => string.IsNullOrEmpty(prefix)
            ? string.Equals(item.Type.Name, grainInterface.Name[1..], StringComparison.Ordinal)
            : string.Equals(item.Type.FullName, prefix, StringComparison.Ordinal));
        chosen = chosen.Count > 1 && primary.Count == 1 ? primary : chosen;

        return chosen.Count switch
        {
            1 => chosen[0].GrainType,
            0 => throw new ArgumentException($"Could not find an implementation for interface {grainInterface.FullName}"),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {grainInterface.FullName}. "
                + $"Candidates: {string.Join(", ", chosen.Select(item => item.GrainType))}"),
        };
    }
}
