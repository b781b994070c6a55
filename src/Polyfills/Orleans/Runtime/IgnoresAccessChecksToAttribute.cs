namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by its name: lets an emitted assembly use what is internal to another.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
