using OpenLedger.Silo.Console;

namespace OpenLedger.Silo.Tests.Console;

public sealed class FormatTests
{
    static readonly DateTimeOffset moment = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_000, "1.0 KB")]
    [InlineData(84_000, "84.0 KB")]
    [InlineData(123_456_789, "123 MB")]
    [InlineData(long.MaxValue, "9223372 TB")]
    public void Bytes_are_shown_in_the_unit_that_fits(long bytes, string text) => Format.Bytes(bytes).Should().Be(text);

    [Theory]
    [InlineData(0.0123, "0.012")]
    [InlineData(1.236, "1.24")]
    [InlineData(98.31, "98.3")]
    [InlineData(12_345, "12,345")]
    public void Milliseconds_have_about_three_digits(double milliseconds, string text) =>
        Format.Milliseconds(milliseconds).Should().Be(text);

    [Theory]
    [InlineData("sys_treasury", "sys_treasury")]
    [InlineData("rc_7718dafcb667113e4b0c08f8f0334e2d", "rc_7718dafc…4e2d")]
    [InlineData("sha256:70f0c19277b66160f1d2a662c97837aca7502c3e0fc411f47fde8470889af3ca", "sha256:70f0c192…f3ca")]
    [InlineData("", "")]
    public void Long_ids_keep_their_kind_their_head_and_their_tail(string id, string text) => Format.Short(id).Should().Be(text);

    [Theory]
    [InlineData(-5, "0 s ago")]
    [InlineData(59, "59 s ago")]
    [InlineData(3_599, "59 min ago")]
    [InlineData(86_399, "23 h ago")]
    [InlineData(864_000, "10 d ago")]
    public void How_long_ago_is_said_in_the_largest_unit(int seconds, string text) =>
        Format.Ago(moment, moment.AddSeconds(seconds)).Should().Be(text);
}
