import * as Y from 'yjs'

/**
 * Applies updates as one transaction, adding nothing of its own: Yjs would delete formatting marks that look redundant
 * at that moment, which in a document that is only read back would be an edit that nobody made.
 */
export function applyQuietly(doc: Y.Doc, updates: Iterable<Uint8Array>): void {
  const quieten = (transaction: Y.Transaction) => {
    transaction._needFormattingCleanup = false
  }
  doc.on('afterTransaction', quieten)
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update)
    })
  } finally {
    doc.off('afterTransaction', quieten)
  }
}
