import { Fragment, Slice, type Node } from 'prosemirror-model'
import { Plugin } from 'prosemirror-state'
import { schemaOf } from '../schema/index.ts'

/**
 * How deep pasted blocks may stand in others. The server takes 100 and refuses a document that has more, and pages of
 * others can have any number of them.
 */
const maxDepth = 32

/**
 * Puts in order what HTML can make of blocks: those that stand too deep are put beside what they were in, and so are those
 * that stand where none can. (HTML that says it was copied from an editor may claim any blocks around its content;
 * ProseMirror believes that, and throws.)
 */
export function pastedBlocks(): Plugin {
  return new Plugin({
    props: {
      transformPasted: (slice, view) => {
        const room = Math.max(maxDepth - view.state.selection.$from.depth, 0)
        const isInOrder = slice.content.content.every(isSound) && depthOf(slice.content) <= room
        if (isInOrder) return slice
        const sound = slice.content.content.flatMap(soundIn)
        return new Slice(flattened(Fragment.from(sound), room), 0, 0)
      },
    },
  })
}

function isSound(node: Node): boolean {
  try {
    node.check()
    return node.type !== node.type.schema.topNodeType
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The largest parts of a node that may stand by themselves. */
function soundIn(node: Node): readonly Node[] {
  if (node.isInline) return [schemaOf(node.type).nodes.paragraph.create(null, node)]
  return isSound(node) ? [node] : node.children.flatMap(soundIn)
}

function depthOf(content: Fragment): number {
  return content.content.reduce((most, { content: inner }) => Math.max(most, 1 + depthOf(inner)), 0)
}

/** With what would be deeper beside what it was in. A table takes three levels, and its text one more. */
function flattened(content: Fragment, room: number): Fragment {
  const nodes = content.content.flatMap((node): readonly Node[] => {
    if (node.isTextblock || node.isLeaf) return [node]
    const isTooDeep = node.type.isInGroup('block') && room < 4
    return isTooDeep ? textblocksIn(node) : [node.copy(flattened(node.content, room - 1))]
  })
  return Fragment.from(nodes)
}

function textblocksIn(node: Node): Node[] {
  const found: Node[] = []
  node.descendants((inner) => {
    if (inner.isTextblock) found.push(inner)
    return !inner.isTextblock
  })
  return found
}
