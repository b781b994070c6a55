using System.Reflection;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Tests.Contracts;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>
/// A call of any grain method by somebody who has nothing but a grain factory, with an authorisation of the test's choosing.
/// </summary>
sealed class ForgedCall
{
    static readonly MethodInfo authorizeByKey = typeof(AccountKey).GetMethod(nameof(AccountKey.Authorize))!;
    static readonly MethodInfo authorizeByNetwork = typeof(NetworkAuthority).GetMethod(nameof(NetworkAuthority.Authorize))!;

    static readonly MethodInfo getGrain = typeof(IGrainFactory).GetMethods().Single(method =>
        method.Name == nameof(IGrainFactory.GetGrain) && method.IsGenericMethodDefinition
        && method.GetParameters().Select(each => each.ParameterType).SequenceEqual([typeof(string), typeof(string)]));

    readonly MethodInfo _method;
    readonly object?[] _arguments;
    readonly int _place;

    public ForgedCall(MethodInfo method, int seed = 1)
    {
        _method = method;
        var parameters = method.GetParameters();
        var samples = new Samples(seed);
        _arguments = [.. parameters.Select(each => IsAuthorization(each) || each.ParameterType == typeof(CancellationToken)
            ? null
            : samples.Make(each.ParameterType))];
        _place = Array.FindIndex(parameters, IsAuthorization);
    }

    /// <summary>Every method of every grain interface of the product.</summary>
    public static IEnumerable<MethodInfo> AllMethods => ContractTypes.GrainInterfaces.SelectMany(type => type.GetMethods());

    public static bool IsSigned(MethodInfo method) => method.GetParameters().Any(IsAuthorization);

    /// <summary>Whether there is anything to be signed but the call itself.</summary>
    public bool HasArguments => _arguments.Any(argument => argument is not null);

    public string GrainKey => _method.DeclaringType!.GetCustomAttribute<KeyPrefixAttribute>()!.Prefix switch
    {
        GrainKeys.Contributor => SampleNetwork.Account("Anna"),
        GrainKeys.Model => TinyModel.Id,
        GrainKeys.Adapter => SampleNetwork.AdapterId,
        GrainKeys.Datanet => SampleNetwork.DatanetId,
        GrainKeys.TrainingJob => SampleNetwork.JobId,
        GrainKeys.Request => GrainKeys.OfRequest("rq_forged"),
        var prefix => prefix + "main",
    };

    /// <summary>What this key's holder can sign: these very arguments, in his own name.</summary>
    public Authorization SignedBy(AccountKey key, string network) => (Authorization)authorizeByKey
        .MakeGenericMethod(_method.DeclaringType!)
        .Invoke(key, [network, GrainKey, _method.Name, Body(), (Amount?)Amount.FromOpen(1)])!;

    /// <summary>What a network that has this key authorises: these very arguments.</summary>
    public Authorization ProvedBy(NetworkAuthority network) => (Authorization)authorizeByNetwork
        .MakeGenericMethod(_method.DeclaringType!).Invoke(network, [GrainKey, _method.Name, Body()])!;

    /// <summary>Calls, and waits for the answer's first piece.</summary>
    public async Task Send(IGrainFactory grains, Authorization? authorization)
    {
        var arguments = (object?[])_arguments.Clone();
        arguments[_place] = _method.GetParameters()[_place].ParameterType == typeof(Authorization)
            ? authorization
            : authorization is null ? null : new[] { authorization };
        if (_method.GetParameters()[^1].ParameterType == typeof(CancellationToken))
        {
            arguments[^1] = CancellationToken.None;
        }

        var reference = getGrain.MakeGenericMethod(_method.DeclaringType!).Invoke(grains, [GrainKey, null]);
        var answer = _method.Invoke(reference, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        if (answer is Task task)
        {
            await task;
            return;
        }

        var drain = typeof(ForgedCall).GetMethod(nameof(First), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(_method.ReturnType.GetGenericArguments()[0]);
        await (Task)drain.Invoke(null, [answer])!;
    }

    static async Task First<T>(IAsyncEnumerable<T> answer)
    {
        await foreach (var _ in answer)
        {
            return;
        }
    }

    static bool IsAuthorization(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(Authorization) || parameter.ParameterType == typeof(IReadOnlyList<Authorization>);

    ContentHash Body()
    {
        var parameters = _method.GetParameters().Where(each => !IsAuthorization(each) && each.ParameterType != typeof(CancellationToken))
            .ToList();
        return parameters.Count == 0
            ? RequestBody.Nothing
            : (ContentHash)typeof(RequestBody).GetMethods()
                .Single(each => each.Name == nameof(RequestBody.Of) && each.GetParameters().Length == parameters.Count)
                .MakeGenericMethod([.. parameters.Select(each => each.ParameterType)])
                .Invoke(null, [.. parameters.Select(each => _arguments[each.Position])])!;
    }
}
