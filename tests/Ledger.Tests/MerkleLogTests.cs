using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class MerkleLogTests
{
    // The leaves and roots that implementations of RFC 6962 share.
    static readonly string[] leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    static readonly string[] roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_the_shared_example()
    {
        var log = new MerkleLog();
        log.Root.Hex.Should().Be(roots[0]);
        for (var i = 0; i < leaves.Length; i++)
        {
            log.Append(Merkle.LeafHash(Convert.FromHexString(leaves[i]))).Should().Be((ulong)i);
            log.Root.Hex.Should().Be(roots[i + 1]);
        }
        for (var size = 0; size < roots.Length; size++)
        {
            log.RootAt((ulong)size).Hex.Should().Be(roots[size]);
        }
    }

    [Fact]
    public void Every_proof_of_every_size_verifies_and_none_for_another_place()
    {
        var log = Log(70);
        for (ulong size = 1; size <= log.Size; size++)
        {
            var root = log.RootAt(size);
            for (ulong index = 0; index < size; index++)
            {
                var proof = log.InclusionProof(index, size);
                Merkle.VerifyInclusion(index, size, log.LeafHash(index), proof, root).Should().BeTrue("{0} of {1}", index, size);
                Merkle.VerifyInclusion(index, size, log.LeafHash((index + 1) % log.Size), proof, root).Should().BeFalse();
            }
            for (ulong old = 1; old <= size; old++)
            {
                var proof = log.ConsistencyProof(old, size);
                Merkle.VerifyConsistency(old, size, proof, log.RootAt(old), root).Should().BeTrue("{0} to {1}", old, size);
                Merkle.VerifyConsistency(old, size, proof, log.RootAt(old - 1), root).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        var log = Log(3);
        FluentActions.Invoking(() => log.InclusionProof(3, 3)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.InclusionProof(0, 4)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.ConsistencyProof(0, 3)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.ConsistencyProof(3, 2)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => log.RootAt(4)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_log_of_many_chunks_still_proves_its_first_leaf()
    {
        var log = Log(10_001);
        var proof = log.InclusionProof(0, log.Size);
        proof.Should().HaveCount(14);
        Merkle.VerifyInclusion(0, log.Size, log.LeafHash(0), proof, log.Root).Should().BeTrue();
    }

    static MerkleLog Log(int size)
    {
        var log = new MerkleLog();
        for (var i = 0; i < size; i++)
        {
            _ = log.Append(Merkle.LeafHash(BitConverter.GetBytes(i)));
        }
        return log;
    }
}
