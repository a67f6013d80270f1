import { setBlockType } from 'prosemirror-commands'
import type { Node } from 'prosemirror-model'
import type { Command, EditorState, Transaction } from 'prosemirror-state'
import {
  maxLevel,
  parseParagraph,
  plainParagraph,
  schemaOf,
  type Alignment,
  type ListKind,
  type ParagraphAttrs,
  type TextStyle,
} from '../schema/index.ts'

/** A paragraph inside the selection. */
export interface SelectedParagraph {
  readonly position: number
  readonly node: Node
  readonly attrs: ParagraphAttrs
}

/** The paragraphs the selection touches, in order. */
export function selectedParagraphs(state: EditorState): SelectedParagraph[] {
  const found = new Map<number, SelectedParagraph>()
  for (const { $from, $to } of state.selection.ranges) {
    state.doc.nodesBetween($from.pos, $to.pos, (node, position) => {
      if (node.type.name !== 'paragraph') return !node.isTextblock
      found.set(position, { position, node, attrs: parseParagraph(node.attrs) })
      return false
    })
  }
  return [...found.values()]
}

/** Writes the attributes that differ, each as a step of its own: nothing else of the paragraph is touched. */
export function writeParagraph(
  tr: Transaction,
  position: number,
  change: Partial<ParagraphAttrs>,
): Transaction {
  const node = tr.doc.nodeAt(position)
  for (const [name, value] of Object.entries(change)) {
    if (node !== null && node.attrs[name] !== value) tr.setNodeAttribute(position, name, value)
  }
  return tr
}

function changeParagraphs(change: (paragraph: SelectedParagraph) => Partial<ParagraphAttrs>): Command {
  return (state, dispatch) => {
    const paragraphs = selectedParagraphs(state)
    if (paragraphs.length === 0) return false
    if (dispatch) {
      const { tr } = state
      for (const paragraph of paragraphs) writeParagraph(tr, paragraph.position, change(paragraph))
      if (tr.docChanged) dispatch(tr.scrollIntoView())
    }
    return true
  }
}

function isInCode(state: EditorState): boolean {
  return state.selection.$from.parent.type.name === 'code_block'
}

/** Makes the selected paragraphs headings, a title, quotes, or (null) text; a code block becomes a paragraph. */
export function setStyle(style: TextStyle | null): Command {
  return (state, dispatch) => {
    if (isInCode(state)) return setBlockType(schemaOf(state).nodes.paragraph, { style })(state, dispatch)
    return changeParagraphs(() => ({ style, list: null, level: null, checked: null }))(state, dispatch)
  }
}

/** Gives the selected paragraphs a style, or takes it away when all have it. */
export function toggleStyle(style: TextStyle): Command {
  return (state, dispatch) => {
    const paragraphs = selectedParagraphs(state)
    const isSet = paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.style === style)
    return setStyle(isSet ? null : style)(state, dispatch)
  }
}

/** Makes the selected paragraphs items of a list, or plain text when all are items of that kind already. */
export function toggleList(list: ListKind): Command {
  return (state, dispatch) => {
    if (isInCode(state)) return setBlockType(schemaOf(state).nodes.paragraph, { list })(state, dispatch)
    const isSet = selectedParagraphs(state).every(({ attrs }) => attrs.list === list)
    return changeParagraphs(({ attrs }) =>
      isSet
        ? { list: null, level: null, checked: null, start: null }
        : { list, style: null, checked: list === 'task' ? attrs.checked : null, start: null },
    )(state, dispatch)
  }
}

/** Moves the selected paragraphs one level in (1) or out (-1); a list item stays one at the outermost. */
export function changeLevel(step: 1 | -1): Command {
  return (state, dispatch) => {
    const next = (level: number | null): number => Math.min(maxLevel, Math.max(0, (level ?? 0) + step))
    const movable = selectedParagraphs(state).filter(({ attrs }) => next(attrs.level) !== (attrs.level ?? 0))
    if (movable.length === 0) return false
    return changeParagraphs(({ attrs }) => ({ level: next(attrs.level) || null }))(state, dispatch)
  }
}

/** `changeLevel` for list items only; handles the key at the deepest level too, so that Tab doesn't leave a list. */
export function changeListLevel(step: 1 | -1): Command {
  return (state, dispatch) => {
    const paragraphs = selectedParagraphs(state)
    if (paragraphs.length === 0 || !paragraphs.every(({ attrs }) => attrs.list !== null)) return false
    return changeLevel(step)(state, dispatch) || step === 1
  }
}

/** Aligns the selected paragraphs; null is the side their writing starts from. */
export function setAlignment(align: Alignment | null): Command {
  return changeParagraphs(() => ({ align }))
}

/** Checks the selected tasks, or unchecks them when all are checked. */
export const toggleChecked: Command = (state, dispatch) => {
  const paragraphs = selectedParagraphs(state)
  if (paragraphs.length === 0 || !paragraphs.every(({ attrs }) => attrs.list === 'task')) return false
  const isChecked = paragraphs.every(({ attrs }) => attrs.checked === true)
  return changeParagraphs(() => ({ checked: isChecked ? null : true }))(state, dispatch)
}

/** Checks or unchecks the task that starts at `position`. */
export function toggleCheckedAt(position: number): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (node?.type.name !== 'paragraph') return false
    const { list, checked } = parseParagraph(node.attrs)
    if (list !== 'task') return false
    dispatch?.(writeParagraph(state.tr, position, { checked: checked === true ? null : true }))
    return true
  }
}

/** Makes the selected paragraphs code, or a code block text; a picture's caption is neither. */
export const toggleCodeBlock: Command = (state, dispatch) => {
  if (isInCode(state)) return setBlockType(schemaOf(state).nodes.paragraph)(state, dispatch)
  const paragraphs = selectedParagraphs(state)
  if (paragraphs.length === 0) return false
  if (!dispatch) return true
  const { tr } = state
  for (const { position, node } of paragraphs) {
    const from = tr.mapping.map(position + 1)
    tr.setBlockType(from, from + node.content.size, schemaOf(state).nodes.code_block)
  }
  dispatch(tr.scrollIntoView())
  return true
}

/** Puts a horizontal rule before the selected block when that is empty, else after it. */
export const insertRule: Command = (state, dispatch) => {
  const { $from } = state.selection
  const rule = schemaOf(state).nodes.horizontal_rule.create()
  const depth = $from.depth
  if (depth === 0) {
    dispatch?.(state.tr.replaceSelectionWith(rule).scrollIntoView())
    return true
  }
  const isEmpty = $from.parent.content.size === 0
  const position = isEmpty ? $from.before(depth) : $from.after(depth)
  if (!$from.node(depth - 1).canReplaceWith($from.index(depth - 1), $from.index(depth - 1), rule.type))
    return false
  dispatch?.(state.tr.insert(position, rule).scrollIntoView())
  return true
}

/** What the selected blocks are, when they agree: a style, null for text, `code`, or undefined. */
export function activeStyle(state: EditorState): TextStyle | 'code' | null | undefined {
  if (isInCode(state)) return 'code'
  const [first, ...rest] = selectedParagraphs(state)
  if (first === undefined) return undefined
  return rest.every(({ attrs }) => attrs.style === first.attrs.style) ? first.attrs.style : undefined
}

/** Whether a paragraph is no more than text. */
export function isPlain(attrs: ParagraphAttrs): boolean {
  return Object.entries(plainParagraph).every(([name, value]) => Object.is(Reflect.get(attrs, name), value))
}
