using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orleans.Engine;

/// <summary>Finds the application's assemblies that can hold grains: those that reference the engine, loaded yet or not.</summary>
static class GrainAssemblies
{
    static readonly string EngineName = typeof(GrainAssemblies).Assembly.GetName().Name!;

    public static IReadOnlyCollection<Assembly> Find()
    {
        var own = typeof(GrainAssemblies).Assembly;
        var found = new Dictionary<string, Assembly>(StringComparer.Ordinal) { [own.FullName!] = own };
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!assembly.IsDynamic && References(assembly.GetReferencedAssemblies().Select(name => name.Name)))
            {
                found.TryAdd(assembly.FullName!, assembly);
            }
        }

        foreach (var path in ApplicationFiles().Where(FileReferences))
        {
            var assembly = Assembly.Load(new AssemblyName(Path.GetFileNameWithoutExtension(path)));
            found.TryAdd(assembly.FullName!, assembly);
        }

        return found.Values;
    }

    static bool References(IEnumerable<string?> names) => names.Contains(EngineName, StringComparer.Ordinal);

    // What the host resolves assemblies from, less the framework's.
    static IEnumerable<string> ApplicationFiles() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) && File.Exists(path));

    static bool FileReferences(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
        {
            return false;
        }

        var metadata = file.GetMetadataReader();
        return References(metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)));
    }
}
