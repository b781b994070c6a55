using System.Buffers.Binary;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// Text to pretrain on: documents of tokens, each closed by an end token. A document longer than the context is cut into windows that
/// share one token, so that every token but a document's first is predicted once.
/// </summary>
public sealed class TokenDocuments
{
    readonly int[] _tokens;
    readonly int _beginTokenId;
    readonly List<DocumentWindow> _windows = [];

    /// <param name="tokens">Documents, each up to and including one of the model's end tokens; the last may lack it.</param>
    /// <exception cref="TrainingException">The stream is empty or holds a token outside the vocabulary.</exception>
    public TokenDocuments(ModelConfig config, int[] tokens)
    {
        _tokens = tokens;
        _beginTokenId = config.BeginTokenId;
        var start = 0;
        for (var index = 0; index < tokens.Length; index++)
        {
            if ((uint)tokens[index] >= (uint)config.VocabularySize)
            {
                throw new TrainingException(
                    $"The token stream holds token {tokens[index]} at place {index}; "
                    + $"the model's vocabulary ends at {config.VocabularySize - 1}. "
                    + "Encode the text with the model's own tokenizer.");
            }

            if (index == tokens.Length - 1 || IsEnd(config, tokens[index], start, index))
            {
                AddDocument(start, index + 1 - start, config.ContextLength);
                start = index + 1;
            }
        }

        if (_windows.Count == 0)
        {
            throw new TrainingException("The token stream has no document of at least two tokens; there is nothing to learn from.");
        }
    }

    /// <summary>Documents read.</summary>
    public int DocumentCount { get; private set; }

    /// <summary>Tokens that are predicted in one pass over the documents.</summary>
    public long PredictedTokenCount => _windows.Sum(window => (long)window.InputCount);

    internal IReadOnlyList<DocumentWindow> Windows => _windows;

    /// <summary>Reads a file of little-endian 16-bit token ids.</summary>
    /// <exception cref="TrainingException">The file is missing, of odd length, empty, or holds a token outside the vocabulary.</exception>
    public static TokenDocuments FromFile(ModelConfig config, string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (IOException exception)
        {
            throw new TrainingException($"The token file {path} cannot be read: {exception.Message}", exception);
        }

        if (bytes.Length % sizeof(ushort) != 0)
        {
            throw new TrainingException(
                $"The token file {path} has {bytes.Length} bytes; 16-bit tokens need an even number. Write it again.");
        }

        var tokens = new int[bytes.Length / sizeof(ushort)];
        for (var index = 0; index < tokens.Length; index++)
        {
            tokens[index] = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(index * sizeof(ushort)));
        }

        return new TokenDocuments(config, tokens);
    }

    /// <summary>The tokens of a window, with the begin token where it opens a document.</summary>
    internal ReadOnlySpan<int> TokensOf(DocumentWindow window, Span<int> scratch)
    {
        var tokens = _tokens.AsSpan(window.Start, window.Length);
        if (!window.AddBegin)
        {
            return tokens;
        }

        scratch[0] = _beginTokenId;
        tokens.CopyTo(scratch[1..]);
        return scratch[..(tokens.Length + 1)];
    }

    static bool IsEnd(ModelConfig config, int token, int documentStart, int index) =>
        // Where begin and end are one token, a document that opens with it does not end there.
        config.EndTokenIds.Contains(token) && !(token == config.BeginTokenId && index == documentStart);

    void AddDocument(int start, int length, int context)
    {
        DocumentCount++;
        var end = start + length;
        var addBegin = _tokens[start] != _beginTokenId;
        var room = addBegin ? context : context + 1;
        while (true)
        {
            var count = Math.Min(room, end - start);
            if (count + (addBegin ? 1 : 0) >= 2)
            {
                _windows.Add(new DocumentWindow(start, count, addBegin));
            }

            start += count;
            if (start >= end)
            {
                return;
            }

            start--;
            addBegin = false;
            room = context + 1;
        }
    }
}

/// <summary>A sequence to train on: a range of the stream, and whether the begin token goes before it.</summary>
readonly record struct DocumentWindow(int Start, int Length, bool AddBegin)
{
    public int InputCount => Length + (AddBegin ? 1 : 0) - 1;
}
