import type { Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'

/** A block of the document, and where it starts. */
export interface PlacedBlock {
  readonly node: Node
  readonly position: number
}

/** The blocks for which `isMeant` holds that a transaction changed, made or touches, once each. */
export function changedBlocks(tr: Transaction, isMeant: (node: Node) => boolean): PlacedBlock[] {
  const found = new Map<number, Node>()
  const { maps } = tr.mapping
  maps.forEach((map, index) => {
    map.forEach((_oldStart, _oldEnd, newStart, newEnd) => {
      const rest = tr.mapping.slice(index + 1)
      const from = Math.max(0, rest.map(newStart, -1) - 1)
      const to = Math.min(tr.doc.content.size, rest.map(newEnd, 1) + 1)
      tr.doc.nodesBetween(from, to, (node, position) => {
        if (isMeant(node)) found.set(position, node)
        return !node.isTextblock
      })
    })
  })
  return [...found].map(([position, node]) => ({ position, node }))
}
