using System.Globalization;

namespace Orleans.Concurrency
{
    /// <summary>Calls of this class interleave at every await.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute;

    /// <summary>Calls of this method may begin while any other call is under way.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;

    /// <summary>Calls of methods so marked interleave with each other, and with nothing else.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute;

    /// <summary>The caller neither waits nor learns how the call ended.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute;

    /// <summary>The class has several activations for one key, made as calls need them; it keeps no state of its own.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute : Orleans.Placement.PlacementAttribute
    {
        /// <summary>As many activations as there are processors.</summary>
        public StatelessWorkerAttribute()
            : this(-1)
        {
        }

        /// <summary>At most this many activations of one key.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers) =>
            MaxLocalWorkers = maxLocalWorkers > 0 ? maxLocalWorkers : Environment.ProcessorCount;

        internal int MaxLocalWorkers { get; }
    }

    /// <summary>A value that nobody changes once it has been sent.</summary>
    public readonly struct Immutable<T>
    {
        /// <summary>The value.</summary>
        public readonly T Value;

        /// <summary>Wraps the value.</summary>
        public Immutable(T value) => Value = value;
    }

    /// <summary>Wraps values.</summary>
    public static class ImmutableExtensions
    {
        /// <summary>Wraps the value.</summary>
        public static Immutable<T> AsImmutable<T>(this T value) => new(value);
    }
}

namespace Orleans.Placement
{
    /// <summary>Where activations of a class are made. One process has one place: the engine keeps to it.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        private protected PlacementAttribute()
        {
        }
    }

    /// <summary>Activations are made on the silo of the caller, where it can.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute : PlacementAttribute;

    /// <summary>Activations are made on a silo drawn at random.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RandomPlacementAttribute : PlacementAttribute;
}

namespace Orleans
{
    /// <summary>The name of a grain class in the cluster.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class GrainTypeAttribute : Attribute
    {
        /// <summary>Takes the name.</summary>
        public GrainTypeAttribute(string grainType) => Type = GrainType.Create(grainType);

        internal GrainType Type { get; }
    }

    /// <summary>Idle activations of this class are kept.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public class KeepAliveAttribute : Attribute;

    /// <summary>How long an idle activation of this class is kept.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public class CollectionAgeLimitAttribute : Attribute
    {
        /// <summary>The shortest age that the properties can ask for.</summary>
        public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

        readonly TimeSpan? period;

        /// <summary>The age comes from the properties.</summary>
        public CollectionAgeLimitAttribute()
        {
        }

        /// <summary>The age as a time span, for instance "00:10:00".</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod) =>
            period = TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture);

        /// <summary>Days of the age.</summary>
        public double Days { get; set; }

        /// <summary>Hours of the age.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes of the age.</summary>
        public double Minutes { get; set; }

        /// <summary>Whether idle activations are kept.</summary>
        public bool AlwaysActive { get; set; }

        /// <summary>The age.</summary>
        public TimeSpan AgeLimit => period ?? (AlwaysActive ? TimeSpan.FromDays(short.MaxValue) : FromProperties());

        TimeSpan FromProperties()
        {
            var age = TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return age < MinAgeLimit ? MinAgeLimit : age;
        }
    }

    /// <summary>How long callers of this method wait, in place of the silo's response timeout.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute : Attribute
    {
        /// <summary>The time span as text, for instance "00:10:00".</summary>
        public ResponseTimeoutAttribute(string timeout) => Timeout = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);

        /// <summary>The time span.</summary>
        public TimeSpan? Timeout { get; init; }
    }

    /// <summary>The type can be sent and stored.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
    public sealed class GenerateSerializerAttribute : Attribute
    {
        /// <summary>Whether the parameters of a record's primary constructor are sent too.</summary>
        public bool IncludePrimaryConstructorParameters { get; init; }
    }

    /// <summary>The number of a member in the messages and states of its type, never used again for another.</summary>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct
        | AttributeTargets.Enum | AttributeTargets.Method)]
    public sealed class IdAttribute : Attribute
    {
        /// <summary>Takes the number.</summary>
        public IdAttribute(uint id) => Id = id;

        /// <summary>The number.</summary>
        public uint Id { get; }
    }

    /// <summary>A name that outlives renamings.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum
        | AttributeTargets.Method, AllowMultiple = true)]
    public sealed class AliasAttribute : Attribute
    {
        /// <summary>Takes the name.</summary>
        public AliasAttribute(string alias) => Alias = alias;

        /// <summary>The name.</summary>
        public string Alias { get; }
    }

    /// <summary>Values of the type are not copied when they are sent.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property
        | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
    public sealed class ImmutableAttribute : Attribute;

    /// <summary>The class converts a foreign type to a surrogate that can be sent.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
    public sealed class RegisterConverterAttribute : Attribute;

    /// <summary>Converts a foreign type to a surrogate that can be sent.</summary>
    public interface IConverter<TValue, TSurrogate>
        where TSurrogate : struct
    {
        /// <summary>From the surrogate.</summary>
        TValue ConvertFromSurrogate(in TSurrogate surrogate);

        /// <summary>To the surrogate.</summary>
        TSurrogate ConvertToSurrogate(in TValue value);
    }
}
