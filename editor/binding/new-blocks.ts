import * as Y from 'yjs'
import { elementOf, itemsFrom } from './items.ts'

/**
 * Gives every empty text block that a transaction made here a text to write into.
 *
 * y-prosemirror makes a block's `Y.XmlText` with its first letter. Two people who start in the same empty block then
 * make one each, and when either editor puts the two together, words are lost or doubled. With the text there from
 * the start, both write into it, and Yjs merges them like any other typing. y-prosemirror keeps it when the block is
 * emptied again.
 */
export function addTexts(transaction: Y.Transaction, textblocks: ReadonlySet<string>): void {
  const client = transaction.doc.clientID
  const clock = transaction.beforeState.get(client) ?? 0
  for (const item of itemsFrom(transaction.doc, { client, clock })) {
    const element = item.deleted ? null : elementOf(item)
    if (element?.length === 0 && textblocks.has(element.nodeName)) element.insert(0, [new Y.XmlText()])
  }
}
