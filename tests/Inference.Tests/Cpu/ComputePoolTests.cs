namespace OpenLedger.Inference.Tests;

public class ComputePoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_CallsEveryItemOnce(int threads)
    {
        using var pool = new ComputePool(threads);
        pool.Run(0, _ => throw new InvalidOperationException("There is no item."));
        for (var count = 1; count < 40; count++)
        {
            var calls = new int[count];
            pool.Run(count, item => Interlocked.Increment(ref calls[item]));
            calls.Should().OnlyContain(called => called == 1);
        }

        var covered = new int[100];
        pool.RunRanges(100, 7, (start, end) =>
        {
            for (var index = start; index < end; index++)
            {
                Interlocked.Increment(ref covered[index]);
            }
        });
        covered.Should().OnlyContain(called => called == 1);
    }

    [Fact]
    public void Run_HandsAnItemsExceptionOn_AndWorksAfterwards()
    {
        using var pool = new ComputePool(3);
        pool.Invoking(p => p.Run(20, item => throw new InvalidOperationException("item"))).Should()
            .Throw<AggregateException>().WithInnerException<InvalidOperationException>();
        var sum = 0;
        pool.Run(20, item => Interlocked.Add(ref sum, item));
        sum.Should().Be(190);
    }

    [Fact]
    public void Run_FromSeveralThreads_KeepsThemApart()
    {
        using var pool = new ComputePool(2);
        var sums = new long[4];
        var callers = Enumerable.Range(0, 4).Select(caller => new Thread(() =>
        {
            for (var turn = 0; turn < 50; turn++)
            {
                pool.Run(10, item => Interlocked.Add(ref sums[caller], item));
            }
        })).ToArray();
        foreach (var caller in callers)
        {
            caller.Start();
        }

        foreach (var caller in callers)
        {
            caller.Join();
        }

        sums.Should().OnlyContain(sum => sum == 50 * 45);
    }

    [Fact]
    public void Run_FromWithinAnItem_RunsOnItsThread()
    {
        using var pool = new ComputePool(2);
        var sum = 0;
        pool.Run(8, _ => pool.Run(4, item => Interlocked.Add(ref sum, item)));
        sum.Should().Be(8 * 6);
    }

    [Fact]
    public void Dispose_EndsThePool()
    {
        var pool = new ComputePool(2);
        pool.Dispose();
        pool.Dispose();
        pool.Invoking(p => p.Run(5, _ => { })).Should().Throw<ObjectDisposedException>();
    }
}
