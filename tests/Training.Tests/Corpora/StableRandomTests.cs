using OpenLedger.Training.Corpora;

namespace OpenLedger.Training.Tests.Corpora;

public sealed class StableRandomTests
{
    [Fact]
    public void The_sequence_is_that_of_the_published_generator()
    {
        // The first outputs of the reference implementation for seed 1234567.
        var random = new StableRandom(1234567);

        new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64() }
            .Should().Equal(6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL);
    }

    [Fact]
    public void Named_generators_differ_by_seed_name_and_index()
    {
        ulong[] first =
        [
            StableRandom.For(1, "a").NextUInt64(),
            StableRandom.For(2, "a").NextUInt64(),
            StableRandom.For(1, "b").NextUInt64(),
            StableRandom.For(1, "a", 1).NextUInt64(),
        ];

        first.Should().OnlyHaveUniqueItems();
        StableRandom.For(1, "a").NextUInt64().Should().Be(first[0]);
    }

    [Fact]
    public void Shuffling_keeps_every_item_and_reaches_every_place()
    {
        var firsts = new HashSet<int>();
        for (var seed = 0UL; seed < 100; seed++)
        {
            var items = Enumerable.Range(0, 8).ToArray();
            new StableRandom(seed).Shuffle(items);
            items.Should().BeEquivalentTo(Enumerable.Range(0, 8));
            firsts.Add(items[0]);
        }

        firsts.Should().HaveCount(8);
    }
}
