import type { Node } from 'prosemirror-model'
import type { Mapping } from 'prosemirror-transform'
import * as Y from 'yjs'
import { childrenOf, contentOf, sizeOf } from './block-children.ts'
import { livingLetters } from './items.ts'
import { followLetter } from './letter-origins.ts'
import type { Id } from './spans.ts'
import { textOf } from './write-text.ts'

interface Following {
  readonly mapping: Mapping
  readonly origins: Map<number, Id>
}

interface Followed {
  readonly element: Y.XmlElement
  readonly node: Node
  readonly position: number
}

/** Notes where each letter of a block of the old document is in the new one. */
export function followBlock(following: Following, { element, node, position }: Followed): void {
  const children = childrenOf(element)
  const content = contentOf(node)
  if (children.length !== content.length) {
    // Empty texts are shown by nothing.
    if (!node.inlineContent || content.length > 0) return
  }
  let start = position + 1
  content.forEach((item, index) => {
    const child = children[index]
    if (Array.isArray(item) && Array.isArray(child)) {
      const letters = child.flatMap(livingLetters)
      if (letters.length === textOf(item).length)
        letters.forEach((id, offset) => {
          const now = followLetter(following.mapping, start + offset)
          if (now !== null) following.origins.set(now, id)
        })
    } else if (!Array.isArray(item) && child instanceof Y.XmlElement)
      followBlock(following, { element: child, node: item, position: start })
    start += sizeOf(item)
  })
}
