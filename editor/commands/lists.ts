import type { Node } from 'prosemirror-model'
import type { Command } from 'prosemirror-state'
import { parseParagraph, type ParagraphAttrs } from '../schema/index.ts'
import { selectedParagraphs, writeParagraph } from './blocks.ts'

function itemAt(parent: Node, index: number): ParagraphAttrs | null {
  const node = parent.maybeChild(index)
  const attrs = node?.type.name === 'paragraph' ? parseParagraph(node.attrs) : null
  return attrs?.list === null ? null : attrs
}

/** The number that a numbered item among its parent's children shows; null for what is no such item. */
export function numberOf(parent: Node, index: number): number | null {
  const item = itemAt(parent, index)
  if (item?.list !== 'ordered') return null
  const level = item.level ?? 0
  let count = 0
  for (let at = index; at >= 0; at--) {
    const before = itemAt(parent, at)
    const depth = before?.level ?? 0
    if (before === null || depth < level || (depth === level && before.list !== 'ordered')) break
    if (depth > level) continue
    if (before.start !== null) return before.start + count
    count++
  }
  return count
}

/** Lets the numbered item that the caret is in begin its list anew, from 1 or another number; false where it does. */
export function restartNumbering(start = 1): Command {
  return (state, dispatch) => {
    const [item] = selectedParagraphs(state)
    if (item?.attrs.list !== 'ordered') return false
    const $item = state.doc.resolve(item.position)
    if (numberOf($item.parent, $item.index()) === start) return false
    dispatch?.(writeParagraph(state.tr, item.position, { start }))
    return true
  }
}

/** Lets the numbered item that the caret is in go on from the last one of its level, also past what stands between. */
export const continueNumbering: Command = (state, dispatch) => {
  const [item] = selectedParagraphs(state)
  if (item?.attrs.list !== 'ordered') return false
  const $item = state.doc.resolve(item.position)
  const { parent } = $item
  const index = $item.index()
  const isOfLevel = (at: number): boolean => {
    const before = itemAt(parent, at)
    return before?.list === 'ordered' && before.level === item.attrs.level
  }
  let last = index - 1
  while (last >= 0 && !isOfLevel(last)) last--
  if (last < 0) return false
  const wanted = (numberOf(parent, last) ?? 0) + 1
  const { tr } = state
  writeParagraph(tr, item.position, { start: null })
  if (numberOf(tr.doc.resolve(item.position).parent, index) !== wanted)
    writeParagraph(tr, item.position, { start: wanted })
  if (numberOf(parent, index) === wanted) return false
  dispatch?.(tr)
  return true
}
