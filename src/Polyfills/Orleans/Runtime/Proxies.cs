using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace Orleans.Engine;

/// <summary>Emits, once for each grain interface, the class whose instances are references to grains.</summary>
static class Proxies
{
    static readonly ConcurrentDictionary<Type, Func<GrainReferenceShared, IdSpan, GrainReference>> Factories = new();

    public static Func<GrainReferenceShared, IdSpan, GrainReference> For(Type grainInterface) =>
        Factories.GetOrAdd(grainInterface, static type => Emit(type));

    static Func<GrainReferenceShared, IdSpan, GrainReference> Emit(Type grainInterface)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new($"Proxy.{grainInterface.FullName}"), AssemblyBuilderAccess.Run);
        AllowAccess(assembly, grainInterface);
        var type = assembly.DefineDynamicModule("Proxies").DefineType(
            $"Proxy_{grainInterface.Name}", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [grainInterface]);
        EmitConstructor(type);
        var number = 0;
        foreach (var method in GrainInterface.MethodsOf(grainInterface))
        {
            EmitMethod(type, method, number++);
        }

        var proxy = type.CreateType();
        Type[] parameters = [typeof(GrainReferenceShared), typeof(IdSpan)];
        var create = new DynamicMethod("Create", typeof(GrainReference), parameters, typeof(Proxies).Module, skipVisibility: true);
        var code = create.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Newobj, proxy.GetConstructors()[0]);
        code.Emit(OpCodes.Ret);
        return create.CreateDelegate<Func<GrainReferenceShared, IdSpan, GrainReference>>();
    }

    static void AllowAccess(AssemblyBuilder assembly, Type grainInterface)
    {
        var attribute = typeof(System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        var names = GrainInterface.MethodsOf(grainInterface)
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
            .SelectMany(type => type.IsGenericType ? type.GetGenericArguments().Append(type) : [type])
            .Concat(grainInterface.GetInterfaces()).Append(grainInterface).Append(typeof(GrainReference))
            .Select(type => type.Assembly.GetName().Name!).Distinct();
        foreach (var name in names)
        {
            assembly.SetCustomAttribute(new(attribute, [name]));
        }
    }

    static void EmitConstructor(TypeBuilder type)
    {
        Type[] parameters = [typeof(GrainReferenceShared), typeof(IdSpan)];
        var code = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, parameters).GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldarg_2);
        code.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(
            BindingFlags.Instance | BindingFlags.NonPublic, parameters)!);
        code.Emit(OpCodes.Ret);
    }

    static void EmitMethod(TypeBuilder type, MethodInfo method, int number)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        var proxy = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            parameters);
        var code = proxy.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldc_I4, number);
        code.Emit(OpCodes.Ldc_I4, parameters.Length);
        code.Emit(OpCodes.Newarr, typeof(object));
        for (var index = 0; index < parameters.Length; index++)
        {
            code.Emit(OpCodes.Dup);
            code.Emit(OpCodes.Ldc_I4, index);
            code.Emit(OpCodes.Ldarg, index + 1);
            code.Emit(OpCodes.Box, parameters[index]);
            code.Emit(OpCodes.Stelem_Ref);
        }

        code.Emit(OpCodes.Call, typeof(GrainReference).GetMethod("Invoke", BindingFlags.Instance | BindingFlags.NonPublic)!);
        if (method.ReturnType == typeof(void))
        {
            code.Emit(OpCodes.Pop);
        }
        else
        {
            code.Emit(OpCodes.Unbox_Any, method.ReturnType);
        }

        code.Emit(OpCodes.Ret);
        type.DefineMethodOverride(proxy, method);
    }
}
