using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>What every journal checks of the records that it reads.</summary>
static class JournalRecords
{
    /// <summary>The records one after the other, none missing, up to the head.</summary>
    /// <param name="last">Sequence of the last record, as the head says.</param>
    /// <param name="next">Reads the next record, which is expected to have this sequence; null after the last.</param>
    /// <exception cref="JournalCorruptException">A record is missing, or stands after the head.</exception>
    public static IEnumerable<JournalRecord> InOrder(ulong fromSequence, ulong last, Func<ulong, JournalRecord?> next)
    {
        var expected = Math.Max(1, fromSequence);
        while (next(expected) is { } record)
        {
            if (record.Sequence != expected)
            {
                throw new JournalCorruptException(expected, $"is missing (record {record.Sequence} follows)");
            }
            yield return record;
            expected++;
        }
        if (expected <= last)
        {
            throw new JournalCorruptException(expected, $"is missing: the head says that there are {last}");
        }
        if (expected > Math.Max(last + 1, fromSequence))
        {
            throw new JournalCorruptException(last + 1, $"stands after the head, which says that there are {last}");
        }
    }
}
