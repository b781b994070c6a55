using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>A signature covers everything: whatever is changed afterwards, it does not hold any more.</summary>
public sealed class RequestVerifierTests : IDisposable
{
    readonly SampleRequests _requests = new();

    public void Dispose() => _requests.Dispose();

    [Fact]
    public void A_request_as_it_was_signed_holds_and_says_who_asks()
    {
        var request = _requests.Verify(_requests.Sign());
        request.Account.Should().Be(_requests.Key.Address);
        request.IsNetwork.Should().BeFalse();
        request.SpendMax.Should().Be(Amount.FromOpen(1));
        request.RequireAccount(_requests.Key.Address, "the owner").Should().BeSameAs(request);
        var others = () => request.RequireAccount(SampleNetwork.Account("another"), "the owner");
        others.Should().Throw<RefusedException>()
            .WithMessage($"{RequestVerifier.Refusal}only the owner*{_requests.Key.Address} signed it*");
        var network = () => request.RequireNetwork();
        network.Should().Throw<RefusedException>().WithMessage("*only the network itself*");
    }

    [Fact]
    public void Any_bit_of_nonce_body_hash_or_signature_that_flips_undoes_it()
    {
        var signed = _requests.Sign();
        foreach (var flipped in Flips(signed.Nonce).Select(bytes => signed with { Nonce = bytes })
            .Concat(Flips(signed.BodyHash).Select(bytes => signed with { BodyHash = bytes }))
            .Concat(Flips(signed.Signature).Select(bytes => signed with { Signature = bytes })))
        {
            _requests.WhyRefused(flipped).Should().StartWith(RequestVerifier.Refusal);
        }
    }

    [Fact]
    public void Any_other_member_that_changes_undoes_it()
    {
        var signed = _requests.Sign();
        Authorization[] changed =
        [
            signed with { Account = SampleNetwork.Account("another") },
            signed with { Account = signed.Account[..^1] + (signed.Account[^1] == 'a' ? 'b' : 'a') },
            signed with { Account = "" },
            signed with { Account = NetworkKey.Account },
            signed with { Account = new string('a', 10_000) },
            signed with { Target = signed.Target + "s" },
            signed with { IssuedMs = signed.IssuedMs + 1 },
            signed with { ExpiresMs = signed.ExpiresMs - 1 },
            signed with { SpendMax = signed.SpendMax + Amount.FromAtto(1) },
            signed with { Nonce = signed.Nonce[1..] },
            signed with { BodyHash = signed.BodyHash[1..] },
            signed with { Signature = signed.Signature[1..] },
        ];
        changed.Should().OnlyContain(each => _requests.WhyRefused(each)!.StartsWith(RequestVerifier.Refusal, StringComparison.Ordinal));
        _requests.WhyRefused(signed).Should().BeNull();
    }

    [Fact]
    public void Every_bit_of_the_signed_bytes_counts()
    {
        var signed = _requests.Sign();
        var bytes = signed.ToTerms(SampleRequests.Network).ToBytes();
        AccountAddress.TryParse(signed.Account, out var address).Should().BeTrue();
        Ed25519.Verify(address.PublicKey(), bytes, signed.Signature.Span).Should().BeTrue();
        Flips(bytes).Count(flipped => Ed25519.Verify(address.PublicKey(), flipped.Span, signed.Signature.Span)).Should().Be(0);
    }

    [Fact]
    public void Other_contents_another_grain_another_method_and_another_network_are_refused()
    {
        var signed = _requests.Sign();
        _requests.WhyRefused(signed, SampleRequests.Grant with { Version = 2 }).Should().Contain("not those that were signed");
        _requests.WhyRefused(_requests.Sign(network: "other.example/log")).Should().Contain("signature is not that of");
        var grain = () => _requests.Verify(signed, key: "dn_other");
        grain.Should().Throw<RefusedException>().WithMessage("*signed for openledger.datanet/grant/dn_sample*this is*dn_other*");
        var method = () => _requests.Verify(signed, method: nameof(IDatanetGrain.Create));
        method.Should().Throw<RefusedException>().WithMessage("*signed for*");
        _requests.WhyRefused(null).Should().Contain("not signed");
    }

    [Fact]
    public void A_request_holds_from_its_issue_to_its_expiry_and_no_longer()
    {
        var signed = _requests.Sign();
        _requests.Clock.Advance(AccountKey.Lifetime - TimeSpan.FromMilliseconds(1));
        _requests.WhyRefused(signed).Should().BeNull();
        _requests.Clock.Advance(TimeSpan.FromMilliseconds(1));
        _requests.WhyRefused(signed).Should().Contain("has expired");
    }

    [Fact]
    public void A_signers_clock_may_be_ahead_by_so_much_and_no_more()
    {
        var ahead = new ManualTime();
        ahead.Advance(TimeSpan.FromMilliseconds(_requests.Verifier.NowMs) + RequestTerms.SkewMax);
        using var key = SampleNetwork.NewKey("ahead", ahead);
        _requests.WhyRefused(Signed()).Should().BeNull();
        ahead.Advance(TimeSpan.FromMilliseconds(1));
        _requests.WhyRefused(Signed()).Should().Contain("in the future");

        Authorization Signed() => key.Authorize<IDatanetGrain>(
            SampleRequests.Network, SampleRequests.DatanetId, nameof(IDatanetGrain.Grant), RequestBody.Of(SampleRequests.Grant));
    }

    [Theory]
    [InlineData(600_000, true)]
    [InlineData(600_001, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void A_signer_may_let_it_hold_for_ten_minutes_at_most(long lifetimeMs, bool holds)
    {
        var now = _requests.Verifier.NowMs;
        using var key = Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]);
        var terms = new RequestTerms
        {
            Network = SampleRequests.Network,
            Target = RequestTarget.Of<IDatanetGrain>(SampleRequests.DatanetId, nameof(IDatanetGrain.Grant)),
            Account = key.Address.ToString(),
            Nonce = new byte[RequestTerms.NonceSizeBytes],
            IssuedMs = now,
            ExpiresMs = now + lifetimeMs,
            Body = RequestBody.Of(SampleRequests.Grant),
        };
        (_requests.WhyRefused(Authorization.Of(terms, key.Sign(terms.ToBytes()))) is null).Should().Be(holds);
    }

    [Fact]
    public void The_networks_own_proof_holds_where_the_key_is_its_own()
    {
        var body = RequestBody.Of(SampleRequests.Grant);
        var proved = _requests.Authority.Authorize<IDatanetGrain>(SampleRequests.DatanetId, nameof(IDatanetGrain.Grant), body);
        _requests.Verify(proved).RequireNetwork().IsNetwork.Should().BeTrue();
        using var log = new NoteSigner(SampleRequests.Network, Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)1, 32).ToArray()));
        var other = new NetworkAuthority(NetworkKey.Of(log), _requests.Clock, IdSource.Secure());
        _requests.WhyRefused(other.Authorize<IDatanetGrain>(SampleRequests.DatanetId, nameof(IDatanetGrain.Grant), body))
            .Should().Contain("signature is not that of sys_network");
        Flips(proved.Signature).Count(bytes => _requests.WhyRefused(proved with { Signature = bytes }) is null).Should().Be(0);
    }

    static IEnumerable<ReadOnlyMemory<byte>> Flips(ReadOnlyMemory<byte> bytes)
    {
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }
}
