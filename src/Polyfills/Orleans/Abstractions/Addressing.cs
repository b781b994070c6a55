namespace Orleans.Runtime
{
    /// <summary>What can be called by its identity.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>A grain.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a Guid.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain whose key is an integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is a Guid and a string.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain whose key is an integer and a string.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>Hands out references to grains; a grain comes into being with its first call.</summary>
    public interface IGrainFactory
    {
        /// <summary>The grain with this key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidKey;

        /// <summary>The grain with this key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerKey;

        /// <summary>The grain with this key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        /// <summary>The grain with this key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidCompoundKey;

        /// <summary>The grain with this key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerCompoundKey;

        /// <summary>The grain with this key.</summary>
        IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey);

        /// <summary>The grain with this key.</summary>
        IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey);

        /// <summary>The grain with this key.</summary>
        IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

        /// <summary>The grain with this identity.</summary>
        TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
            where TGrainInterface : IAddressable;
    }

    /// <summary>The way into a cluster from outside its grains.</summary>
    public interface IClusterClient : IGrainFactory
    {
        /// <summary>The client's services.</summary>
        IServiceProvider ServiceProvider { get; }
    }
}
