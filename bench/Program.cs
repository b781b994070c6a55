using OpenLedger.Bench;
using OpenLedger.Cli;

return await CommandLineProgram.Run(VerbTree.Build(), args);
