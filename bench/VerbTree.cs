using System.CommandLine;
using OpenLedger.Bench.Verbs;

namespace OpenLedger.Bench;

/// <summary>Every benchmark, one verb each.</summary>
static class VerbTree
{
    public static RootCommand Build() => new(
        "Benchmarks of OpenLedger. Each prints its figures and exits with 0 when all goals hold, 1 when one is missed.\n"
        + "docs/benchmarks says what each measures and what it gave.")
    {
        ActorsVerb.Build(),
        GenerateVerb.Build(),
        LedgerVerb.Build(),
        TrainVerb.Build(),
        TruthVerb.Build(),
    };
}
