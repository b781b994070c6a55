using System.Text;
using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class WitnessTests : IDisposable
{
    readonly NoteSigner log = new("log.example/one", Ed25519PrivateKey.FromSeed(new byte[32]));
    readonly CosignatureSigner key = new("witness.example/w", Ed25519PrivateKey.FromSeed([.. new byte[31], 1]));
    readonly MemoryWitnessStore store = new();
    readonly MerkleLog tree = new();
    readonly Witness witness;

    public WitnessTests()
    {
        witness = new Witness(key, [log.Verifier], store, new StillClock());
        for (var i = 0; i < 20; i++)
        {
            _ = tree.Append(new LogLeaf(LogEntryKind.Receipt, (ulong)i, ContentHash.OfText($"{i}")));
        }
    }

    public void Dispose()
    {
        log.Dispose();
        key.Dispose();
        tree.Dispose();
    }

    [Fact]
    public void A_log_that_only_grows_is_cosigned_each_time()
    {
        ulong known = 0;
        foreach (var size in new ulong[] { 1, 7, 7, 8, 20 })
        {
            var answer = Add(known, known == 0 ? [] : tree.ConsistencyProof(known, size), Note(size));
            answer.Status.Should().Be(200, answer.Body);
            var signature = SignedNote.ParseSignatures(Encoding.UTF8.GetBytes(answer.Body)).Should().ContainSingle().Subject;
            witness.Key.Verify(Text(size), signature, out var time).Should().BeTrue();
            time.Should().BePositive();
            known = size;
        }
        witness.Latest(log.Name).Should().StartWith(Note(20)).And.Contain("— witness.example/w ");
        witness.Latest("another").Should().BeNull();
    }

    [Fact]
    public void Whoever_does_not_know_what_was_cosigned_last_is_told_the_size()
    {
        Add(0, [], Note(7)).Status.Should().Be(200);
        var answer = Add(0, [], Note(20));
        answer.Should().Be(new WitnessAnswer(409, "7\n"));
        answer.ContentType.Should().Be("text/x.tlog.size");
        Add(8, tree.ConsistencyProof(8, 20), Note(20)).Status.Should().Be(409);
        Add(7, tree.ConsistencyProof(7, 20), Note(20)).Status.Should().Be(200);
    }

    [Fact]
    public void What_is_not_the_log_that_only_grew_is_not_cosigned()
    {
        Add(0, [], Note(7)).Status.Should().Be(200);
        var before = witness.Latest(log.Name);
        var forked = new Checkpoint(log.Name, 20, ContentHash.OfText("another history")).Sign(log);
        Add(7, tree.ConsistencyProof(7, 20), forked).Status.Should().Be(422);
        Add(7, [], Note(20)).Status.Should().Be(422);
        Add(7, tree.ConsistencyProof(8, 20), Note(20)).Status.Should().Be(422);
        Add(7, [], new Checkpoint(log.Name, 7, ContentHash.OfText("another root")).Sign(log)).Status.Should().Be(422);
        Add(7, tree.ConsistencyProof(7, 20), Note(6)).Status.Should().Be(400, "it shrank");
        witness.Latest(log.Name).Should().Be(before);
    }

    [Fact]
    public void The_first_checkpoint_needs_no_proof_and_takes_none()
    {
        Add(0, [ContentHash.OfText("x")], Note(7)).Status.Should().Be(422);
        Add(0, [], new Checkpoint(log.Name, 0, ContentHash.OfText("not empty")).Sign(log)).Status.Should().Be(422);
        Add(0, [], new Checkpoint(log.Name, 0, Merkle.EmptyRoot).Sign(log)).Status.Should().Be(200);
        Add(0, [], Note(7)).Status.Should().Be(200);
    }

    [Fact]
    public void A_log_that_is_not_known_a_signature_that_does_not_hold_and_nonsense_are_refused()
    {
        using var other = new NoteSigner("log.example/two", Ed25519PrivateKey.FromSeed([.. new byte[31], 2]));
        using var impostor = new NoteSigner("log.example/one", Ed25519PrivateKey.FromSeed([.. new byte[31], 3]));
        Add(0, [], new Checkpoint(other.Name, 1, tree.RootAt(1)).Sign(other)).Status.Should().Be(404);
        Add(0, [], new Checkpoint(log.Name, 1, tree.RootAt(1)).Sign(impostor)).Status.Should().Be(403);
        Add(0, [], Note(1) + log.SignatureLine("else\n"u8)).Status.Should().Be(403);
        witness.Add("nonsense"u8).Status.Should().Be(400);
        witness.Add("old 0\n\nnonsense\n"u8).Status.Should().Be(400);
        store.Read(log.Name).Should().BeNull();
    }

    [Fact]
    public void Foreign_signatures_are_passed_over_and_not_handed_on()
    {
        using var other = new CosignatureSigner("witness.example/other", Ed25519PrivateKey.FromSeed([.. new byte[31], 4]));
        Add(0, [], Note(7) + other.SignatureLine(Text(7), 5)).Status.Should().Be(200);
        witness.Latest(log.Name).Should().NotContain("other");
    }

    WitnessAnswer Add(ulong oldSize, IReadOnlyList<ContentHash> proof, string note) =>
        witness.Add(new AddCheckpoint(oldSize, proof, note).ToBytes());

    string Text(ulong size) => new Checkpoint(log.Name, size, tree.RootAt(size)).ToText();

    string Note(ulong size) => new Checkpoint(log.Name, size, tree.RootAt(size)).Sign(log);
}
