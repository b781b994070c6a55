using System.Collections.Concurrent;

namespace OpenLedger.Conformance;

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> Double(int value);

    Task Fail();
}

public interface IFilteringCallerGrain : IGrainWithStringKey
{
    Task<int> Double(string target, int value);
}

public sealed class FilteringCallerGrain : Grain, IFilteringCallerGrain
{
    public Task<int> Double(string target, int value) => GrainFactory.GetGrain<IFilteredGrain>(target).Double(value);
}

/// <summary>A filter of its own calls, too.</summary>
public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        FilterLog.Add(context, "own before");
        await context.Invoke();
        FilterLog.Add(context, "own after");
    }

    public Task<int> Double(int value) => Task.FromResult(2 * value);

    public Task Fail() => throw new RefusalException("no");
}

static class FilterLog
{
    static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Lines = new();

    public static void Add(IGrainCallContext context, string line)
    {
        if (context.InterfaceMethod.DeclaringType == typeof(IFilteredGrain))
        {
            Lines.GetOrAdd(context.TargetId.Key.ToString(), static _ => new()).Enqueue(line);
        }
    }

    public static IEnumerable<string> Of(string key) => Lines.GetValueOrDefault(key) ?? [];
}

sealed class LoggingFilter(string name) : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => Log(context);

    public Task Invoke(IOutgoingGrainCallContext context) => Log(context);

    async Task Log(IGrainCallContext context)
    {
        FilterLog.Add(context, $"{name} before");
        await context.Invoke();
        FilterLog.Add(context, $"{name} after");
    }
}

/// <summary>
/// Filters wrap calls: those of the caller, then those of the silo in the order of their registration, then the grain's own:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/interceptors.
/// </summary>
public sealed class FilterTests
{
    [Fact]
    public async Task They_nest_in_the_order_of_their_registration()
    {
        await using var cluster = await TestClusters.Start(silo => silo
            .AddIncomingGrainCallFilter(new LoggingFilter("in one"))
            .AddIncomingGrainCallFilter(new LoggingFilter("in two"))
            .AddOutgoingGrainCallFilter(new LoggingFilter("out one"))
            .AddOutgoingGrainCallFilter(new LoggingFilter("out two")));
        var key = Signals.NewKey("filtered");

        (await cluster.Client.GetGrain<IFilteringCallerGrain>(Signals.NewKey("caller")).Double(key, 21)).Should().Be(42);

        FilterLog.Of(key).Should().Equal(
            "out one before", "out two before", "in one before", "in two before", "own before",
            "own after", "in two after", "in one after", "out two after", "out one after");
    }

    [Fact]
    public async Task They_see_and_change_arguments_and_results()
    {
        await using var cluster = await TestClusters.Start(silo => silo.AddIncomingGrainCallFilter(async context =>
        {
            if (context.InterfaceMethod.DeclaringType == typeof(IFilteredGrain))
            {
                context.MethodName.Should().Be(nameof(IFilteredGrain.Double));
                context.ImplementationMethod.DeclaringType.Should().Be(typeof(FilteredGrain));
                context.Request.GetArgument(0).Should().Be(1);
                context.Request.SetArgument(0, 10);
                await context.Invoke();
                context.Result = (int)context.Result! + 1;
                return;
            }

            await context.Invoke();
        }));
        (await cluster.Client.GetGrain<IFilteredGrain>(Signals.NewKey("filtered")).Double(1)).Should().Be(21);
    }

    [Fact]
    public async Task They_see_exceptions_and_may_replace_them()
    {
        await using var cluster = await TestClusters.Start(silo => silo.AddIncomingGrainCallFilter(async context =>
        {
            try
            {
                await context.Invoke();
            }
            catch (RefusalException exception)
            {
                throw new InvalidOperationException($"filtered: {exception.Message}");
            }
        }));
        var call = async () => await cluster.Client.GetGrain<IFilteredGrain>(Signals.NewKey("filtered")).Fail();
        await call.Should().ThrowAsync<InvalidOperationException>().WithMessage("filtered: no");
    }
}
