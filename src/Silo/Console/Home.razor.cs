using Microsoft.AspNetCore.Components;
using OpenLedger.Grains;
using OpenLedger.Grains.Hosting;

namespace OpenLedger.Silo.Console;

/// <summary>The console. It is filled before it is sent, and then told of every look at the network for as long as it is open.</summary>
public sealed partial class Home : IDisposable
{
    OperatorSnapshot? _snapshot;
    IDisposable? _watch;
    string? _refusal;
    bool _live;
    bool _left;

    [Inject]
    OperatorFeed Feed { get; set; } = null!;

    [Inject]
    ConsoleOptions Options { get; set; } = null!;

    bool SignedIn => Options.OperatorToken is not null;

    public void Dispose()
    {
        _left = true;
        _watch?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _snapshot = await Feed.Latest(CancellationToken.None);
        if (!RendererInfo.IsInteractive || _left)
        {
            // What is only rendered, or was closed while it waited, does not watch: nobody would ever end it.
            return;
        }

        try
        {
            _watch = Feed.Watch(snapshot => _ = InvokeAsync(() => Show(snapshot)));
            _live = true;
        }
        catch (BusyException exception)
        {
            _refusal = exception.Message;
        }
    }

    void Show(OperatorSnapshot snapshot)
    {
        _snapshot = snapshot;
        StateHasChanged();
    }
}
