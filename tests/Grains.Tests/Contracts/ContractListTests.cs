namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>
/// Grain interfaces, messages and states are what silos of two versions and a silo and its own past agree on. They are listed in
/// <c>Contracts/contracts.txt</c>; a change of them is a change of that file, seen in review. With the environment variable
/// <c>OPENLEDGER_WRITE_CONTRACTS</c> set to 1 the test writes the file instead.
/// </summary>
public sealed class ContractListTests
{
    const string WriteVariable = "OPENLEDGER_WRITE_CONTRACTS";

    [Fact]
    public void The_contracts_are_those_of_the_list()
    {
        var path = Path.Combine(RepositoryRoot(), "tests", "Grains.Tests", "Contracts", "contracts.txt");
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllLines(path, ContractList.Lines);
        }

        var listed = File.ReadAllLines(path);
        var differences = listed.Except(ContractList.Lines).Select(line => $"- {line}")
            .Concat(ContractList.Lines.Except(listed).Select(line => $"+ {line}")).ToList();
        differences.Should().BeEmpty(
            "ids, names and aliases are kept for ever: add a member or a method, never change one. If only additions are meant, run "
            + $"this test once with {WriteVariable}=1 and commit the file");
        listed.Should().Equal(ContractList.Lines, "the list is in the order that the test writes it in");
    }

    [Fact]
    public void The_list_covers_the_whole_product()
    {
        ContractTypes.GrainInterfaces.Should().HaveCountGreaterThanOrEqualTo(8);
        ContractTypes.GrainClasses.Should().HaveCountGreaterThanOrEqualTo(8);
        ContractTypes.Messages.Should().HaveCountGreaterThanOrEqualTo(30);
        var known = ContractTypes.Messages.Concat(ContractTypes.StateTypes).Concat(ContractTypes.Surrogates);
        ContractTypes.Serialized.Except(known).Should().BeEmpty("what is serialized is sent by a grain interface or kept by a grain");
    }

    static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OpenLedger.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("OpenLedger.sln was not found above the test's own folder.");
    }
}
