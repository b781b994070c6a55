namespace OpenLedger.Testing;

/// <summary>What a test expects to be refused.</summary>
static class Should
{
    /// <summary>The message of the refusal.</summary>
    public static async Task<string> Refuse(Func<Task> act) =>
        (await act.Should().ThrowAsync<UserErrorException>()).Which.Message;
}
