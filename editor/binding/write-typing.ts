import type { Node, ResolvedPos } from 'prosemirror-model'
import type * as Y from 'yjs'
import { childrenOf, contentOf, sizeOf } from './block-children.ts'
import type { Passage } from './letter-origins.ts'
import { findWay, type Mapping } from './sync-binding.ts'
import { isInsidePair, type TextChange } from './text-change.ts'
import { changeText, textOf } from './write-text.ts'

/** What is to be written, and how it came to be. */
export interface Typing {
  readonly mapping: Mapping
  readonly passage: Passage
  readonly doc: Node
}

/**
 * Writes what is most of all that is ever written: one step within the text of one block. False, with nothing written,
 * for anything else, and where Yjs isn't known to show what the step started from.
 */
export function writeTyping({ mapping, passage, doc }: Typing, page: Y.XmlFragment): boolean {
  const range = findOnlyRange(passage)
  if (range === null || passage.base === null) return false
  const edit = findEdit(passage.base, doc, range)
  const way = edit === null ? null : findWay(mapping, page, edit.$from)
  const block = way?.at(-1)
  const run = edit === null || block === undefined ? null : findRun(block, edit)
  if (edit === null || way === null || run === null) return false
  changeText(run.texts, run.nodes, [run.change])
  mapping.set(page, doc)
  way.forEach((element, index) => mapping.set(element, edit.$newTo.node(index + 1)))
  const [text] = run.texts
  if (text !== undefined && run.texts.length === 1) mapping.set(text, run.nodes)
  return true
}

interface Range {
  readonly from: number
  readonly to: number
  readonly newTo: number
}

/** The range that the only step replaced; null when there are more, or it did something else. */
function findOnlyRange({ maps }: Passage): Range | null {
  const ranges: Range[] = []
  for (const map of maps) map.forEach((from, to, _newFrom, newTo) => ranges.push({ from, to, newTo }))
  const [range] = ranges
  // A step without ranges changes marks or attributes.
  return maps.length === 1 && ranges.length === 1 && range !== undefined ? range : null
}

/** Where a range of one block starts and ends, and where its end is in the new document. */
interface Edit {
  readonly $from: ResolvedPos
  readonly $to: ResolvedPos
  readonly $newTo: ResolvedPos
}

function findEdit(base: Node, doc: Node, { from, to, newTo }: Range): Edit | null {
  const edit = { $from: base.resolve(from), $to: base.resolve(to), $newTo: doc.resolve(newTo) }
  const { $from, $newTo } = edit
  const isInOneBlock = $from.sameParent(edit.$to) && $newTo.sameParent(doc.resolve(from))
  const isSameBlock =
    $from.depth === $newTo.depth && $newTo.parent.hasMarkup($from.parent.type, $from.parent.attrs)
  return isInOneBlock && isSameBlock && $from.parent.inlineContent ? edit : null
}

interface Run {
  readonly texts: Y.XmlText[]
  readonly nodes: Node[]
  readonly change: TextChange
}

/** The text between inline things that an edit is in; null when it changes more, or would cut a surrogate pair. */
function findRun(block: Y.XmlElement, { $from, $to, $newTo }: Edit): Run | null {
  const [children, before, after] = [childrenOf(block), contentOf($from.parent), contentOf($newTo.parent)]
  if (children.length !== before.length || before.length !== after.length) return null
  let start = 0
  const number = before.findIndex((content) => {
    const end = start + sizeOf(content)
    if (Array.isArray(content) && start <= $from.parentOffset && $to.parentOffset <= end) return true
    start = end
    return false
  })
  const [texts, shown, nodes] = [children[number], before[number], after[number]]
  if (!Array.isArray(texts) || !Array.isArray(shown) || !Array.isArray(nodes)) return null
  if (texts.reduce((sum, text) => sum + text.length, 0) !== sizeOf(shown)) return null
  const [from, to, newTo] = [$from, $to, $newTo].map(({ parentOffset }) => parentOffset - start)
  if (from === undefined || to === undefined || newTo === undefined) return null
  const [old, text] = [textOf(shown), textOf(nodes)]
  const isCut =
    [from, to].some((at) => isInsidePair(old, at)) || [from, newTo].some((at) => isInsidePair(text, at))
  const change = { index: from, start: from, length: to - from, text: text.slice(from, newTo) }
  return isCut ? null : { texts, nodes, change }
}
