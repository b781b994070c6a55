using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>What was carried out is known while it holds, and forgotten afterwards; there is never more of it than the bound.</summary>
public sealed class NonceMemoryTests : IDisposable
{
    readonly SampleRequests _requests = new();
    readonly NonceMemory _memory = new();

    public void Dispose() => _requests.Dispose();

    [Fact]
    public void A_request_is_a_repetition_once_it_was_carried_out_and_not_before()
    {
        var request = _requests.Verify(_requests.Sign());
        _memory.IsRepetition(request, Now).Should().BeFalse();
        _memory.IsRepetition(request, Now).Should().BeFalse("a request that was refused may come again");
        _memory.Remember(request);
        _memory.IsRepetition(request, Now).Should().BeTrue();
        _memory.IsRepetition(_requests.Verify(_requests.Sign()), Now).Should().BeFalse("the same wish signed anew is another request");
    }

    [Fact]
    public void A_nonce_that_was_used_for_another_request_is_refused()
    {
        var first = Sign(nonce: 7, version: 1);
        var second = Sign(nonce: 7, version: 2);
        _memory.Remember(first);
        var act = () => _memory.IsRepetition(second, Now);
        act.Should().Throw<RefusedException>().WithMessage($"{RequestVerifier.Refusal}this nonce was used*");
    }

    [Fact]
    public void It_is_bounded_and_room_comes_back_as_requests_expire()
    {
        for (var count = 0; count < NonceMemory.CountMax; count++)
        {
            _memory.Remember(Sign(nonce: count, version: 1));
        }

        _memory.Nonces.Should().HaveCount(NonceMemory.CountMax);
        var one = _requests.Verify(_requests.Sign());
        var full = () => _memory.IsRepetition(one, Now);
        full.Should().Throw<BusyException>();
        _memory.IsRepetition(Sign(nonce: 3, version: 1), Now).Should().BeTrue("what is known is answered, full or not");

        _requests.Clock.Advance(TimeSpan.FromMinutes(10));
        _memory.IsRepetition(_requests.Verify(_requests.Sign()), Now).Should().BeFalse();
        _memory.Nonces.Should().BeEmpty();
    }

    [Fact]
    public void The_networks_own_calls_are_not_kept()
    {
        var body = RequestBody.Of(SampleRequests.Grant);
        var request = _requests.Verify(
            _requests.Authority.Authorize<OpenLedger.Grains.Datanets.IDatanetGrain>(SampleRequests.DatanetId, "Grant", body));
        _memory.Remember(request);
        _memory.Nonces.Should().BeEmpty();
        _memory.IsRepetition(request, Now).Should().BeFalse();
    }

    long Now => _requests.Verifier.NowMs;

    VerifiedRequest Sign(int nonce, int version)
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]);
        var grant = SampleRequests.Grant with { Version = version };
        var bytes = new byte[RequestTerms.NonceSizeBytes];
        BitConverter.TryWriteBytes(bytes, nonce);
        var terms = _requests.Sign(grant).ToTerms(SampleRequests.Network) with { Account = key.Address.ToString(), Nonce = bytes };
        return _requests.Verify(Authorization.Of(terms, key.Sign(terms.ToBytes())), grant);
    }
}
