using OpenLedger.Cli;

return await CommandLineProgram.Run(CommandTree.Build(), args);
