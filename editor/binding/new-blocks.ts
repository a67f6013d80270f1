import * as Y from 'yjs'

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
  const firstNew = transaction.beforeState.get(client) ?? 0
  const isNew = ({ id }: Y.Item) => id.client === client && id.clock >= firstNew
  const visit = (parent: Y.XmlFragment): void => {
    for (let child = parent.firstChild; child; child = child.nextSibling) {
      if (!(child instanceof Y.XmlElement) || child._item === null || !isNew(child._item)) continue
      if (!textblocks.has(child.nodeName)) visit(child)
      else if (child.length === 0) child.insert(0, [new Y.XmlText()])
    }
  }
  for (const type of [...transaction.changed.keys()]) if (type instanceof Y.XmlFragment) visit(type)
}
