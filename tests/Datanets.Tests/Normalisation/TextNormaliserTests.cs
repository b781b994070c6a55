using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Datanets.Tests;

public sealed class TextNormaliserTests
{
    [Theory]
    [InlineData("  A\t\n b ", "a b")]
    [InlineData("", "")]
    [InlineData(" \n", "")]
    [InlineData("ﬁnance", "finance")]
    [InlineData("ＡＢＣ１２", "abc12")]
    [InlineData("e\u0301", "é")]
    [InlineData("É", "é")]
    [InlineData("x²", "x2")]
    [InlineData("½", "1⁄2")]
    [InlineData("\u212B\u2126", "åω")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("a\u0323\u0307", "ạ\u0307")]
    [InlineData("a\u0307\u0323", "ạ\u0307")]
    [InlineData("s\u0323\u0307", "ṩ")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("ᄒ\u1161ᆫ글", "한글")]
    [InlineData("ｶﾞ", "ガ")]
    [InlineData("Ⅳ", "iv")]
    [InlineData("№ ㎏", "no kg")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("𝔘𝔫𝔦", "uni")]
    [InlineData("ﷺ", "صلى الله عليه وسلم")]
    public void NormalisesByHand(string text, string expected) => TextNormaliser.Normalise(text).Should().Be(expected);

    [Fact]
    public void NormalisingAgainChangesNothing()
    {
        // Every letter of the basic plane and of the mathematical alphabets, and what FsCheck thinks of.
        for (var value = 0x20; value < 0x1D800; value++)
        {
            if (Rune.IsValid(value))
            {
                var once = TextNormaliser.Normalise("x" + new Rune(value) + "\u0301");
                TextNormaliser.Normalise(once).Should().Be(once);
            }
        }
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text =>
        {
            var once = TextNormaliser.Normalise(text);
            return TextNormaliser.Normalise(once) == once;
        }).QuickCheckThrowOnFailure();
    }
}
