namespace OpenLedger.Economy;

/// <summary>What one contributor is paid at the end of an epoch.</summary>
/// <param name="Number">The contributor's number in the accumulator.</param>
/// <param name="Atto">Atto-OPEN, never zero.</param>
public readonly record struct EpochPayment(int Number, UInt128 Atto);

/// <summary>
/// Credits of one adapter's contributors until they are paid: exact sums of atto-OPEN in arrays by number, so that a credit costs an
/// addition and nothing is allocated for it. What is accumulated is either unpaid or has been taken out; no atto is anywhere else.
/// Not safe for several threads.
/// </summary>
public sealed class EpochAccumulator
{
    /// <summary>Contributors of one accumulator.</summary>
    public const int ContributorsMax = 1 << 20;

    const int CapacityFirst = 16;

    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    string[] names = new string[CapacityFirst];
    UInt128[] unpaid = new UInt128[CapacityFirst];
    UInt128[] credited = new UInt128[CapacityFirst];
    long[] answers = new long[CapacityFirst];

    /// <summary>Contributors with a number.</summary>
    public int Count { get; private set; }

    /// <summary>Sum of all unpaid credits.</summary>
    public UInt128 UnpaidSum { get; private set; }

    /// <summary>Sum of everything ever credited.</summary>
    public UInt128 CreditedSum { get; private set; }

    /// <summary>The contributor's number, from 0; a new contributor gets the next one.</summary>
    /// <exception cref="InvalidOperationException">There are <see cref="ContributorsMax"/> contributors already.</exception>
    public int NumberOf(string contributor)
    {
        ArgumentException.ThrowIfNullOrEmpty(contributor);
        if (numbers.TryGetValue(contributor, out var known))
        {
            return known;
        }
        if (Count == ContributorsMax)
        {
            throw new InvalidOperationException($"an adapter credits at most {ContributorsMax} contributors");
        }
        if (Count == names.Length)
        {
            Grow();
        }
        names[Count] = contributor;
        numbers.Add(contributor, Count);
        return Count++;
    }

    /// <summary>Whether the contributor has a number, and which.</summary>
    public bool TryNumberOf(string contributor, out int number) => numbers.TryGetValue(contributor, out number);

    public string NameOf(int number) => names[Checked(number)];

    /// <summary>What is credited and not paid.</summary>
    public UInt128 Unpaid(int number) => unpaid[Checked(number)];

    /// <summary>What was ever credited.</summary>
    public UInt128 Credited(int number) => credited[Checked(number)];

    /// <summary>Answers that credited this contributor.</summary>
    public long Answers(int number) => answers[Checked(number)];

    /// <summary>Credits an answer's part.</summary>
    /// <exception cref="OverflowException">The sums would not fit 128 bits.</exception>
    public void Add(int number, UInt128 atto)
    {
        // The sum over all is the largest of the three: where it fits, the others do.
        var sum = checked(CreditedSum + atto);
        CreditedSum = sum;
        UnpaidSum += atto;
        unpaid[Checked(number)] += atto;
        credited[number] += atto;
        answers[number]++;
    }

    /// <summary>Puts back what was taken out: a frozen part that is free again.</summary>
    public void Return(int number, UInt128 atto)
    {
        UnpaidSum = checked(UnpaidSum + atto);
        unpaid[Checked(number)] += atto;
    }

    /// <summary>Takes unpaid credit out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">So much is not unpaid.</exception>
    public void Take(int number, UInt128 atto)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(atto, unpaid[Checked(number)]);
        unpaid[number] -= atto;
        UnpaidSum -= atto;
    }

    /// <summary>Who is paid what if the epoch ends now: everyone with at least the threshold, in order of number.</summary>
    /// <param name="threshold">Less than this is carried over; 1 atto-OPEN at least.</param>
    /// <param name="isFrozen">Contributors that are not paid at all for the moment, or null.</param>
    public List<EpochPayment> Payments(UInt128 threshold, Func<int, bool>? isFrozen = null)
    {
        var least = UInt128.Max(threshold, UInt128.One);
        var payments = new List<EpochPayment>();
        for (var number = 0; number < Count; number++)
        {
            if (unpaid[number] >= least && isFrozen?.Invoke(number) != true)
            {
                payments.Add(new EpochPayment(number, unpaid[number]));
            }
        }
        return payments;
    }

    /// <summary>Sets a contributor as a snapshot has it.</summary>
    /// <exception cref="ArgumentException">The contributor is known already, or more is unpaid than was credited.</exception>
    public void Restore(string contributor, UInt128 unpaidAtto, UInt128 creditedAtto, long answerCount)
    {
        if (numbers.ContainsKey(contributor) || unpaidAtto > creditedAtto)
        {
            throw new ArgumentException($"{contributor} occurs twice, or is owed more than was credited", nameof(contributor));
        }
        var number = NumberOf(contributor);
        (unpaid[number], credited[number], answers[number]) = (unpaidAtto, creditedAtto, answerCount);
        UnpaidSum = checked(UnpaidSum + unpaidAtto);
        CreditedSum = checked(CreditedSum + creditedAtto);
    }

    int Checked(int number) =>
        (uint)number < (uint)Count
            ? number
            : throw new ArgumentOutOfRangeException(nameof(number), number, "no contributor has this number");

    void Grow()
    {
        var capacity = names.Length * 2;
        Array.Resize(ref names, capacity);
        Array.Resize(ref unpaid, capacity);
        Array.Resize(ref credited, capacity);
        Array.Resize(ref answers, capacity);
    }
}
