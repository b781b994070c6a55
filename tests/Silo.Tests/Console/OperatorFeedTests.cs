using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using OpenLedger.Conformance;
using OpenLedger.Grains;
using OpenLedger.Grains.Hosting;
using OpenLedger.Silo.Console;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Console;

public sealed class OperatorFeedTests
{
    readonly FakeTime _time = new();
    readonly StillView _view = new();

    [Fact]
    public async Task Nobody_looks_while_nobody_watches()
    {
        await using var feed = Feed();
        _time.Advance(TimeSpan.FromHours(1));
        _view.Looks.Should().Be(0);
    }

    [Fact]
    public async Task One_look_a_period_serves_all_who_watch_and_the_last_who_leaves_ends_it()
    {
        await using var feed = Feed();
        var first = Channel.CreateUnbounded<OperatorSnapshot>();
        var second = Channel.CreateUnbounded<OperatorSnapshot>();
        var watches = new[] { feed.Watch(each => first.Writer.TryWrite(each)), feed.Watch(each => second.Writer.TryWrite(each)) };

        _time.Advance(OperatorFeed.Period);
        var seen = await first.Reader.ReadAsync();
        (await second.Reader.ReadAsync()).Should().BeSameAs(seen);
        _view.Looks.Should().Be(1);

        watches[0].Dispose();
        _time.Advance(OperatorFeed.Period);
        (await second.Reader.ReadAsync()).Time.Should().BeAfter(seen.Time);
        first.Reader.Count.Should().Be(0);

        watches[1].Dispose();
        watches[1].Dispose();
        _time.Advance(TimeSpan.FromHours(1));
        _view.Looks.Should().Be(2);

        using var again = feed.Watch(each => first.Writer.TryWrite(each));
        await Polling.Until(
            () =>
            {
                _time.Advance(OperatorFeed.Period);
                return Task.FromResult(_view.Looks);
            },
            looks => looks > 2);
        (await first.Reader.ReadAsync()).Should().NotBeNull();
    }

    [Fact]
    public async Task A_page_that_opens_gets_the_look_that_was_just_taken()
    {
        await using var feed = Feed();
        var first = await feed.Latest(CancellationToken.None);
        (await feed.Latest(CancellationToken.None)).Should().BeSameAs(first);
        _time.Advance(OperatorFeed.Period);
        (await feed.Latest(CancellationToken.None)).Should().NotBeSameAs(first);
        _view.Looks.Should().Be(2);
    }

    [Fact]
    public async Task More_watchers_than_the_bound_are_refused_until_one_leaves()
    {
        await using var feed = Feed();
        var watches = Enumerable.Range(0, OperatorFeed.WatchersMax).Select(_ => feed.Watch(_ => { })).ToList();
        var act = () => feed.Watch(_ => { });
        act.Should().Throw<BusyException>().WithMessage("*64 pages*");
        watches[0].Dispose();
        using var taken = feed.Watch(_ => { });
    }

    OperatorFeed Feed() => new(_view, _time, NullLogger<OperatorFeed>.Instance);
}
