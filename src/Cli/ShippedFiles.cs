namespace OpenLedger.Cli;

/// <summary>Finds what ships with the program: beside it, or in the repository it was built from.</summary>
static class ShippedFiles
{
    const int FoldersUpMax = 12;

    /// <summary>The path of a shipped file or folder; the name itself, relative to the current folder, when it is found nowhere.</summary>
    public static string Find(string name)
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            var folder = new DirectoryInfo(start);
            for (var depth = 0; depth < FoldersUpMax && folder is not null; depth++, folder = folder.Parent)
            {
                var path = Path.Combine(folder.FullName, name);
                if (Path.Exists(path))
                {
                    return path;
                }
            }
        }

        return name;
    }
}
