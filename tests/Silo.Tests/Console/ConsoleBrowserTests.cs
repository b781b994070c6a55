using System.Globalization;
using OpenLedger.Silo.Tests.Gateway;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>The console in a real browser, over a gateway that trained, deployed and answers for money.</summary>
[Collection(RunningGateway.Name)]
public sealed class ConsoleBrowserTests(RunningGateway gateway, ITestOutputHelper output)
{
    /// <summary>A folder for pictures of the pages, for whoever wants to look at them.</summary>
    const string ScreenshotsVariable = "OPENLEDGER_SCREENSHOTS";

    [Fact]
    public async Task The_console_shows_the_network_and_its_figures_change_while_one_looks()
    {
        await using var browser = await Browser();
        using (var paid = await gateway.Complete(Body()))
        {
            paid.IsSuccessStatusCode.Should().BeTrue();
        }

        var page = await BrowserPage.Open(browser);
        await page.Look(1440, 1000, dark: false);
        await page.Go(gateway.Server.ConsoleUrl);
        await page.Until("document.querySelector('.live').classList.contains('on')");
        await page.Until($"document.querySelector('[data-adapter={SampleNetwork.AdapterId}]')");
        await page.Until($"document.querySelector('[data-job={SampleNetwork.JobId}] .stage').textContent === 'completed'");
        await page.Until("document.querySelector('[data-figure=conserved]').textContent.includes('✓ Conserved')");
        await page.Until("document.querySelector('[data-grain$=LedgerGrain] [data-figure=grain-calls]')");
        await page.Until("[...document.querySelectorAll('[data-silo]')].some(row => row.textContent.includes('(this)'))");
        var receipts = (await gateway.Client.Ledger.GetLatestReceipts(0)).ReceiptCount;
        await page.Until($"document.querySelector('[data-figure=receipts]').textContent === '{receipts}'");
        var before = await Figures(page);

        using var answer = await gateway.Complete(Body());
        var receiptId = answer.Headers.GetValues("OpenLedger-Receipt").Single();
        await page.Until($"document.querySelector('[data-receipt={receiptId}]')");

        var after = await Figures(page);
        var summary = await gateway.Client.Ledger.GetSummary();
        after.Receipts.Should().Be(before.Receipts + 1);
        after.LogSize.Should().Be(summary.LogSize).And.BeGreaterThan(before.LogSize);
        after.Calls.Should().BeGreaterThan(before.Calls);
        (await Text(page, "[data-figure=root] [data-copy]", "dataset.copy")).Should().Be(summary.LogRoot);

        var platform = (await gateway.Client.Ledger.GetBalances([SystemAccounts.Platform]))[0];
        await page.Until($"document.querySelector('[data-account=sys_platform] .amount').textContent === '{platform.Available}'");
        await SplitSumsToTheFee(page, receiptId);
        await Pictures(page);
        page.Errors.Should().BeEmpty();
        page.Requests.Should().OnlyContain(url => new Uri(url).Authority == new Uri(gateway.Server.Url).Authority || url == "about:blank");
    }

    [Fact]
    public async Task A_training_job_is_seen_to_advance_and_to_end()
    {
        const string Job = "tj_watched";
        await using var browser = await Browser();
        var page = await BrowserPage.Open(browser);
        await page.Look(1440, 1000, dark: true);
        await page.Go(gateway.Server.ConsoleUrl);
        await page.Until("document.querySelector('.live').classList.contains('on')");

        // Long enough to be watched on any machine; it ends by being cancelled.
        await gateway.Client.Training.Start(Job, SampleNetwork.Specification("ad_watched", epochs: 20_000));
        try
        {
            await page.Until($"document.querySelector('[data-job={Job}] progress').value > 0");
            var step = (double)(await page.Evaluate($"document.querySelector('[data-job={Job}] progress').value"))!;
            await page.Until($"document.querySelector('[data-job={Job}] progress').value > {step}");
            await page.Until("document.querySelector('[data-figure=training]').textContent === '1'");
            await Picture(page, "training");
        }
        finally
        {
            await gateway.Client.Training.Cancel(Job);
        }

        await page.Until($"document.querySelector('[data-job={Job}] .stage').textContent === 'cancelled'");
        await page.Until("document.querySelector('[data-figure=training]').textContent === '0'");
        page.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_table_names_its_columns_and_every_control_has_a_name()
    {
        await using var browser = await Browser();
        var page = await BrowserPage.Open(browser);
        await page.Look(390, 800, dark: true);
        await page.Go(gateway.Server.ConsoleUrl);
        await page.Until("document.querySelector('.live').classList.contains('on')");

        (await Count(page, "table", "!each.querySelector('thead th[scope=col]')")).Should().Be(0);
        (await Count(page, "button", "!(each.ariaLabel || each.textContent.trim())")).Should().Be(0);
        (await Count(page, "[role=img]", "!each.getAttribute('aria-label')")).Should().Be(0);
        (await Count(page, "table", "true")).Should().BeGreaterThan(4);
        (await Count(page, "h1", "true")).Should().Be(1);

        // Nothing but tables, each in a box of its own, is wider than a telephone.
        ((int)(await page.Evaluate("document.documentElement.scrollWidth"))!).Should().BeLessThanOrEqualTo(390);
        page.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task The_address_of_the_Orleans_dashboard_answers_with_a_page()
    {
        await using var browser = await Browser();
        var page = await BrowserPage.Open(browser);
        await page.Go($"{gateway.Server.Url}/orleans");
        (await page.Evaluate("document.title"))!.ToString().Should().Contain("Orleans");
    }

    async Task<Chromium> Browser()
    {
        if (Chromium.Find() is { } executable)
        {
            return await Chromium.Start(executable);
        }

        const string Reason = "skipped: no Chromium on PATH; the package chromium has it";
        output.WriteLine(Reason);
        Assert.Skip(Reason);
        throw new InvalidOperationException(Reason);
    }

    static object Body() => new { model = SampleNetwork.AdapterId, prompt = SampleWords.All[0].Question, max_tokens = 24, stop = "\n" };

    static async Task<(long Receipts, long LogSize, long Calls)> Figures(BrowserPage page) =>
        (await Figure(page, "receipts"), await Figure(page, "log-size"), await Figure(page, "calls"));

    static async Task<long> Figure(BrowserPage page, string name) =>
        long.Parse(await Text(page, $"[data-figure={name}]"), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    static async Task<string> Text(BrowserPage page, string selector, string property = "textContent") =>
        (await page.Evaluate($"document.querySelector('{selector}').{property}"))!.ToString();

    static async Task<int> Count(BrowserPage page, string selector, string condition) =>
        (int)(await page.Evaluate($"[...document.querySelectorAll('{selector}')].filter(each => {condition}).length"))!;

    /// <summary>The amounts on the page are whole: they sum to the fee to the last atto.</summary>
    static async Task SplitSumsToTheFee(BrowserPage page, string receiptId)
    {
        await page.Evaluate($"document.querySelector('[data-receipt={receiptId}] [aria-expanded]').click()");
        await page.Until($"document.querySelector('[data-split={receiptId}]')");
        var amounts = $"[...document.querySelectorAll('[data-split={receiptId}] .amount')].map(each => each.textContent)";
        var lines = (await page.Evaluate(amounts))!;
        var fee = await Text(page, $"[data-receipt={receiptId}] > td > .amount");
        Amount.Sum(lines.AsArray().Select(line => Amount.Parse(line!.ToString()))).Should().Be(Amount.Parse(fee));
    }

    static async Task Pictures(BrowserPage page)
    {
        (string Name, int Width, int Height, bool Dark)[] looks =
            [("light", 1440, 1000, false), ("dark", 1440, 1000, true), ("narrow", 390, 1400, false)];
        foreach (var (name, width, height, dark) in looks)
        {
            await page.Look(width, height, dark);
            await Picture(page, name);
        }
    }

    static async Task Picture(BrowserPage page, string name)
    {
        if (Environment.GetEnvironmentVariable(ScreenshotsVariable) is { Length: > 0 } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"console-{name}.png"), await page.Screenshot());
        }
    }
}
