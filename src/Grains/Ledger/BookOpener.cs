using OpenLedger.Ledger;

namespace OpenLedger.Grains.Ledger;

/// <summary>Opens a book's journal, replays and checks it, and starts its writer thread. Hosts say where the journal lies.</summary>
/// <exception cref="UserErrorException">The book is unknown here, or its journal is damaged.</exception>
public delegate Task<LedgerWriter> BookOpener(string bookId);
