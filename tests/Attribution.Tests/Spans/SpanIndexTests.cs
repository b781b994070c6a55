using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Attribution.Tests;

public sealed class SpanIndexTests
{
    static readonly Arbitrary<(int[][] Rows, int[] Answer)> cases = (
        from count in Gen.Choose(1, 12)
        from rows in Gen.Choose(0, 5).ListOf().Select(list => list.ToArray()).ArrayOf(count)
        from answer in Gen.Choose(0, 5).ListOf()
        select (rows, answer.ToArray())).ToArbitrary();

    [Fact]
    public void ScoresByHand()
    {
        // 7 is in every row; 1 in two of four; "1 2" in one.
        var index = SpanIndex.Build([[7, 1, 2], [7, 1, 3], [7, 4], [7, 5]]);

        var scores = index.Scores([1, 2, 7]);

        var rare = Math.Log(4);
        scores[0].Should().BeApproximately(Math.Log(2) + rare + (2 * rare), 1e-12);
        scores[1].Should().BeApproximately(Math.Log(2), 1e-12);
        scores[2].Should().Be(0);
        scores[3].Should().Be(0);
    }

    [Fact]
    public void RepeatingAnNGramAddsNothing()
    {
        var index = SpanIndex.Build([[1, 1, 1, 1], [2, 3]]);

        index.Scores([1])[0].Should().Be(Math.Log(2));
        index.Scores([2, 9, 2, 9, 2])[1].Should().Be(Math.Log(2));
    }

    [Fact]
    public void ScoresEqualANaiveCount() =>
        Prop.ForAll(cases, value =>
        {
            var scores = SpanIndex.Build(value.Rows).Scores(value.Answer);
            var expected = Naive(value.Rows, value.Answer);
            return scores.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9);
        }).QuickCheckThrowOnFailure();

    static double[] Naive(int[][] rows, int[] answer)
    {
        static HashSet<string> Grams(int[] tokens, int order) =>
            [.. Enumerable.Range(0, Math.Max(0, tokens.Length - order + 1))
                .Select(start => string.Join(' ', tokens[start..(start + order)]))];
        var scores = new double[rows.Length];
        for (var order = 1; order <= 5; order++)
        {
            foreach (var gram in Grams(answer, order))
            {
                var holders = Enumerable.Range(0, rows.Length).Where(row => Grams(rows[row], order).Contains(gram)).ToArray();
                foreach (var row in holders)
                {
                    scores[row] += order * Math.Log((double)rows.Length / holders.Length);
                }
            }
        }
        return scores;
    }

    [Fact]
    public void MatchesAreTheStretchesThatBothHold()
    {
        var index = SpanIndex.Build([[9, 1, 2, 3, 4, 8, 5, 6]]);

        index.Matches([1, 2, 3, 7, 5, 6, 4], row: 0).Should().Equal(new SpanMatch(0, 0, 1, 3), new SpanMatch(0, 4, 6, 2));
        index.Matches([1, 2, 3, 7, 5, 6, 4], row: 0, lengthMin: 1).Should().HaveCount(3);
        index.Matches([1, 2, 3, 7, 5, 6, 4], row: 0, countMax: 1).Should().ContainSingle().Which.Length.Should().Be(3);
        index.Matches([7, 7], row: 0).Should().BeEmpty();
    }

    [Fact]
    public void MatchesHoldTheSameTokensAndNeverOverlap() =>
        Prop.ForAll(cases, value =>
        {
            var index = SpanIndex.Build(value.Rows);
            return Enumerable.Range(0, value.Rows.Length).All(row =>
            {
                var matches = index.Matches(value.Answer, row, lengthMin: 1, countMax: 100);
                var covered = matches.SelectMany(match => Enumerable.Range(match.AnswerStart, match.Length)).ToArray();
                var longest = LongestCommon(value.Rows[row], value.Answer);
                return covered.Distinct().Count() == covered.Length
                    && matches.All(match => value.Rows[row].AsSpan(match.RowStart, match.Length)
                        .SequenceEqual(value.Answer.AsSpan(match.AnswerStart, match.Length)))
                    && (matches.Count == 0 ? 0 : matches[0].Length) == longest;
            });
        }).QuickCheckThrowOnFailure();

    static int LongestCommon(int[] row, int[] answer)
    {
        var pairs = from i in Enumerable.Range(0, row.Length) from j in Enumerable.Range(0, answer.Length) select (i, j);
        return pairs.Select(pair =>
        {
            var length = 0;
            while (pair.i + length < row.Length && pair.j + length < answer.Length && row[pair.i + length] == answer[pair.j + length])
            {
                length++;
            }
            return length;
        }).DefaultIfEmpty(0).Max();
    }

    [Fact]
    public void ReadingGivesTheSameScoresBack()
    {
        var index = SpanIndex.Build([[1, 2, 3], [], [2, 3, 4, 5]]);
        var stream = new MemoryStream();
        index.Write(stream);

        var read = SpanIndex.Read(new MemoryStream(stream.ToArray()));

        read.Scores([2, 3, 4]).Should().Equal(index.Scores([2, 3, 4]));
        read.RowCount.Should().Be(3);
    }

    [Fact]
    public void DamagedAndLyingFilesAreRefused()
    {
        var stream = new MemoryStream();
        SpanIndex.Build([[1, 2, 3], [2, 3, 4, 5]]).Write(stream);
        var bytes = stream.ToArray();
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x11;
            FluentActions.Invoking(() => SpanIndex.Read(new MemoryStream(damaged))).Should().Throw<ArtefactFormatException>();
            FluentActions.Invoking(() => SpanIndex.Read(new MemoryStream(bytes[..at]))).Should().Throw<ArtefactFormatException>();
        }
        // Offset 8: rows; 12 and 16: tokens of the rows; 20: the first token.
        (int Offset, int Value)[] lies =
            [(8, int.MaxValue), (8, 1), (8, 3), (8, -1), (12, int.MaxValue), (12, -1), (12, 2), (16, 5), (20, -7)];
        foreach (var (offset, value) in lies)
        {
            var forged = bytes.ToArray();
            BitConverter.TryWriteBytes(forged.AsSpan(offset), value);
            System.Security.Cryptography.SHA256.HashData(forged.AsSpan(0, forged.Length - 32), forged.AsSpan(forged.Length - 32));
            FluentActions.Invoking(() => SpanIndex.Read(new MemoryStream(forged)))
                .Should().Throw<ArtefactFormatException>("{0} at {1} is a lie", value, offset);
        }
    }

    [Fact]
    public void SizesBeyondTheBoundsAreRefused()
    {
        FluentActions.Invoking(() => SpanIndex.Build([])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => SpanIndex.Build([new int[SpanIndex.RowLengthMax + 1]])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => SpanIndex.Build([[1]]).Scores(new int[SpanIndex.RowLengthMax + 1]))
            .Should().Throw<ArgumentException>();
    }
}
