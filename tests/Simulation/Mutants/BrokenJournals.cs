using Microsoft.Data.Sqlite;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Mutants;

/// <summary>A journal that passes everything on: the broken ones below change one thing each.</summary>
abstract class PassingJournal(IJournal inner) : IJournal
{
    protected IJournal Inner { get; } = inner;

    public virtual ulong LastSequence => Inner.LastSequence;

    public virtual IEnumerable<JournalRecord> Read(ulong fromSequence) => Inner.Read(fromSequence);

    public virtual JournalRecord? Find(ulong sequence) => Inner.Find(sequence);

    public virtual void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence) =>
        Inner.Append(records, expectedLastSequence);

    public virtual void Dispose() => Inner.Dispose();
}

/// <summary>Answers first and writes with the next commit.</summary>
sealed class LateJournal(IJournal inner) : PassingJournal(inner)
{
    readonly List<JournalRecord> late = [];

    public override ulong LastSequence => Inner.LastSequence + (ulong)late.Count;

    public override JournalRecord? Find(ulong sequence) => Inner.Find(sequence) ?? late.Find(record => record.Sequence == sequence);

    public override void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        Write();
        late.AddRange(records);
    }

    public override void Dispose()
    {
        try
        {
            Write();
        }
        finally
        {
            base.Dispose();
        }
    }

    void Write()
    {
        if (late.Count > 0)
        {
            Inner.Append(late, late[0].Sequence - 1);
            late.Clear();
        }
    }
}

/// <summary>Takes a write that failed for one that happened.</summary>
sealed class DeafJournal(IJournal inner) : PassingJournal(inner)
{
    public override void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        try
        {
            base.Append(records, expectedLastSequence);
        }
        catch (SqliteException)
        {
        }
    }
}

/// <summary>Does not ask whether another writer has been there: what it is given goes to the end, whatever is before it.</summary>
sealed class UnfencedJournal(IJournal inner) : PassingJournal(inner)
{
    public override void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        var last = Inner.LastSequence;
        var previous = last == 0 ? default : Inner.Find(last)!.Hash;
        var moved = new List<JournalRecord>();
        foreach (var record in records)
        {
            moved.Add(JournalRecord.Create(++last, record.TimestampNs, previous, record.Payload));
            previous = moved[^1].Hash;
        }
        Inner.Append(moved, last - (ulong)moved.Count);
    }
}

/// <summary>Takes damage for the end of the journal.</summary>
sealed class ForgivingJournal(IJournal inner) : PassingJournal(inner)
{
    ulong last;

    public override ulong LastSequence => Math.Min(last, Inner.LastSequence);

    public override IEnumerable<JournalRecord> Read(ulong fromSequence)
    {
        using var records = Inner.Read(fromSequence).GetEnumerator();
        while (Next(records) is { } record && record.IsIntact())
        {
            last = record.Sequence;
            yield return record;
        }
    }

    public override void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        base.Append(records, expectedLastSequence);
        last = records[^1].Sequence;
    }

    static JournalRecord? Next(IEnumerator<JournalRecord> records)
    {
        try
        {
            return records.MoveNext() ? records.Current : null;
        }
        catch (JournalCorruptException)
        {
            return null;
        }
    }
}
