[assembly: AssemblyFixture(typeof(OpenLedger.TestKit.PostgresFixture))]
