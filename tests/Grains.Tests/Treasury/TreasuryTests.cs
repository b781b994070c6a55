using OpenLedger.Economy;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Treasury;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Treasury;

/// <summary>The supply by the book, over sixty months of the network's clock.</summary>
public sealed class TreasuryTests
{
    const int SimulatedMonths = 60;

    [Fact]
    public async Task Genesis_allocates_the_supply_and_215_500_000_circulate()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);

        var supply = await network.Client.Treasury.GetSupply();

        supply.Minted.Should().Be(Amount.Supply);
        supply.Circulating.Should().Be(Amount.FromOpen(215_500_000));
        supply.Locked.Should().Be(Amount.FromOpen(784_500_000));
        supply.Buckets.Select(bucket => (bucket.Name, bucket.Balance)).Should().Equal(
            ("community", Amount.FromOpen(145_500_000)),
            ("ecosystem", Amount.FromOpen(20_000_000)),
            ("investors", Amount.Zero),
            ("team", Amount.Zero),
            ("liquidity", Amount.FromOpen(50_000_000)));
        (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task Sixty_months_of_releases_are_the_schedule_to_the_last_atto()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        var genesis = DateTimeOffset.FromUnixTimeMilliseconds((await network.Client.Treasury.GetSupply()).GenesisMs);
        var random = new Random(5);
        for (var month = 1; month <= SimulatedMonths; month++)
        {
            network.Clock.AdvanceTo(VestingCalendar.EndOf(genesis, month).AddSeconds(1));
            if (random.Next(3) == 0 && month < SimulatedMonths)
            {
                // Nobody claims this month: the next claim pays for it.
                continue;
            }

            var supply = await network.Client.Treasury.Release();
            supply.Months.Should().Be(month);
            supply.Buckets.Select(bucket => bucket.Released).Should().Equal(Allocation.All.Select(each => each.ReleasedAfter(month)));
            supply.Buckets.Should().OnlyContain(bucket => bucket.Due.IsZero);
            (await network.Client.Treasury.Release()).Should().BeEquivalentTo(supply, "what is not due does not move");
        }

        var final = await network.Client.Treasury.GetSupply();
        final.Locked.Should().Be(Amount.Zero);
        final.Circulating.Should().Be(Amount.Supply);
        final.Buckets.Should().OnlyContain(bucket => bucket.Balance == bucket.Total);
        (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task Anybody_burns_own_OPEN_and_the_treasury_burns_by_governance()
    {
        using var folder = new TemporaryFolder();
        await using var network = await GovernedNetwork.Start(folder);
        await network.LockForVoting();
        var burn = new BurnOpen("ashes", network.Ada, Amount.FromOpen(3));
        await network.Client.Treasury.Burn(burn);
        await network.Client.Treasury.Burn(burn);
        (await Should.Refuse(() => network.Client.Treasury.Burn(burn with { CommandId = "more", Amount = Amount.FromOpen(40_000) })))
            .Should().Contain("funds are too low");

        var proposal = await network.Propose(network.Ada, "Burn a million", ("treasury-burn-total", "1000000"));
        await network.CarryUntilDue(proposal.Id);
        (await network.Client.Treasury.Release()).Burned.Should().Be(Amount.FromOpen(3), "nothing is burned before it is executed");
        await network.Client.Governance.Execute(proposal.Id);

        // The parameters that a silo reads are up to a second old.
        var supply = await Polling.Until(network.Client.Treasury.Release, each => each.Burned != Amount.FromOpen(3));

        supply.Burned.Should().Be(Amount.FromOpen(1_000_003));
        supply.Circulating.Should().Be(Amount.FromOpen(215_500_000 - 1_000_003));
        (await network.Client.Treasury.Release()).Burned.Should().Be(supply.Burned, "it is burned once");
        (await network.Balance(SystemAccounts.Treasury)).Should().Be(Amount.FromOpen(145_500_000 - 200_000 - 1_000_000));
        (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task An_epoch_of_early_contributions_is_paid_by_accepted_rows_once()
    {
        using var folder = new TemporaryFolder();
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["emission-per-epoch"] = "10", ["emission-total-max"] = "15", ["epoch-seconds"] = "3600",
        };
        await using var network = await GovernedNetwork.Start(folder, parameters: parameters);
        await network.Client.Accounts.Register(network.Ada, "Ada", network.PublicKey(network.Ada));
        await network.Client.Accounts.Register(network.Ben, "Ben", network.PublicKey(network.Ben));
        await network.Client.Datanets.Create("dn_birds", new CreateDatanet("Birds", "What birds are.", "CC0-1.0", network.Ada));
        await Contribute(network, network.Ada, "ct_1", "wren", "kite", "rook");
        await Contribute(network, network.Ada, "ct_1", "wren", "kite", "rook");
        await Contribute(network, network.Ben, "ct_2", "crow");
        (await network.Client.Treasury.Release()).Emitted.Should().Be(Amount.Zero, "the epoch has not ended");

        network.Clock.Advance(TimeSpan.FromHours(1));
        (await network.Client.Treasury.Release()).Emitted.Should().Be(Amount.FromOpen(10));
        await network.Client.Treasury.Release();

        (await network.Balance(network.Ada)).Should().Be(Amount.Parse("7.5"));
        (await network.Balance(network.Ben)).Should().Be(Amount.Parse("2.5"));

        await Contribute(network, network.Ben, "ct_2", "crow");
        await Contribute(network, network.Ben, "ct_3", "lark");
        network.Clock.Advance(TimeSpan.FromHours(1));
        (await network.Client.Treasury.Release()).Emitted
            .Should().Be(Amount.FromOpen(15), "all epochs together stay below the governed total");
        (await network.Balance(network.Ben)).Should().Be(Amount.Parse("7.5"));
        (await network.Balance(SystemAccounts.Treasury)).Should().Be(Amount.FromOpen(145_500_000 - 15));
    }

    [Fact]
    public async Task A_book_of_before_the_allocation_is_allocated_when_it_is_opened()
    {
        using var folder = new TemporaryFolder();
        UnallocatedBook.Write(folder, givenOutOpen: 145_000_000);
        await using (var network = await GovernedNetwork.Start(folder))
        {
            var supply = await network.Client.Treasury.GetSupply();
            supply.Circulating.Should().Be(Amount.FromOpen(215_500_000));
            (await network.Balance(SystemAccounts.Treasury))
                .Should().Be(Amount.FromOpen(500_000), "what was given out was the community's");
            (await network.Balance(UnallocatedBook.Payee)).Should().Be(Amount.FromOpen(145_000_000));
        }

        await using var again = await GovernedNetwork.Start(folder);
        (await again.Balance(SystemAccounts.Treasury)).Should().Be(Amount.FromOpen(500_000), "it is allocated once");
    }

    [Fact]
    public async Task A_book_whose_treasury_gave_out_what_is_not_the_communitys_is_refused()
    {
        using var folder = new TemporaryFolder();
        UnallocatedBook.Write(folder, givenOutOpen: 145_500_001);

        var start = () => GovernedNetwork.Start(folder);

        await start.Should().ThrowAsync<UserErrorException>().WithMessage("*given out more than the community's part*new data folder*");
    }

    static Task Contribute(GovernedNetwork network, string account, string id, params string[] birds) =>
        network.Client.Datanets.Contribute("dn_birds", new Contribution(id, account, $"{id}.jsonl", System.Text.Encoding.UTF8.GetBytes(
            string.Concat(birds.Select(bird => $"{{\"prompt\":\"Q: What is a {bird}?\\nA:\",\"answer\":\" a bird, the {bird}\"}}\n")))));
}
