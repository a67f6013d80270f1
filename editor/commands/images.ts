import type { Node, ResolvedPos } from 'prosemirror-model'
import { NodeSelection, TextSelection, type Command, type EditorState } from 'prosemirror-state'
import { insertPoint } from 'prosemirror-transform'
import { imageWidths, parseImage, parseParagraph, schemaOf, type ImageAttrs } from '../schema/index.ts'
import { isPlain } from './blocks.ts'

/** A picture and where it starts. */
export interface FoundImage {
  readonly node: Node
  readonly position: number
}

const isImage = (node: Node | null | undefined): node is Node => node?.type.name === 'image'

/** The picture that is selected as a whole, or null. */
export function selectedImage({ selection }: EditorState): FoundImage | null {
  const isSelected = selection instanceof NodeSelection && isImage(selection.node)
  return isSelected ? { node: selection.node, position: selection.from } : null
}

/** The picture in whose caption the caret is, or null. */
export function captionedImage({ selection: { $head } }: EditorState): FoundImage | null {
  return isImage($head.parent) ? { node: $head.parent, position: $head.before() } : null
}

/** Writes attributes of the picture at `position`; the others, and its caption, stay as they are. */
export function setImage(position: number, change: Partial<ImageAttrs>): Command {
  return (state, dispatch) => {
    const node = state.doc.nodeAt(position)
    if (!isImage(node)) return false
    const { tr } = state
    for (const [name, value] of Object.entries(change)) {
      if (node.attrs[name] !== value) tr.setNodeAttribute(position, name, value)
    }
    if (state.selection instanceof NodeSelection && state.selection.from === position)
      tr.setSelection(NodeSelection.create(tr.doc, position))
    if (tr.docChanged) dispatch?.(tr)
    return true
  }
}

/** A width that a picture can have, in whole CSS pixels. */
export function clampImageWidth(width: number, most: number): number {
  const limit = Math.max(imageWidths.least, Math.min(most, imageWidths.most))
  return Math.round(Math.min(Math.max(width, imageWidths.least), limit))
}

/** Where a new block goes: before an empty paragraph with the caret, else after the block with the selection's end. */
export function placeForBlock({ doc, selection }: EditorState): number {
  const { $to } = selection
  if (selection instanceof NodeSelection || $to.depth === 0) return selection.to
  const { parent } = $to
  const isEmpty = parent.type.name === 'paragraph' && parent.content.size === 0
  return Math.min(isEmpty ? $to.before() : $to.after(), doc.content.size)
}

/** The edge of a block that is nearest to a place in the document, for what is dropped there. */
export function nearestEdge($position: ResolvedPos): number {
  if ($position.depth === 0) return $position.pos
  const isInFirstHalf = $position.parentOffset * 2 < $position.parent.content.size
  return isInFirstHalf ? $position.before() : $position.after()
}

/** A place at or near `position` where a block can stand. */
export function blockPlace(doc: Node, position: number): number {
  const within = Math.min(Math.max(0, position), doc.content.size)
  return insertPoint(doc, within, schemaOf(doc.type).nodes.image) ?? doc.content.size
}

/** Puts a picture at the caret and selects it; false for an address that may not be shown. */
export function insertImage(attrs: Partial<ImageAttrs> & { readonly src: string }): Command {
  return (state, dispatch) => {
    const parsed = parseImage(attrs)
    if (parsed.src === null) return false
    const position = blockPlace(state.doc, placeForBlock(state))
    const tr = state.tr.insert(position, schemaOf(state).nodes.image.create(parsed))
    dispatch?.(tr.setSelection(NodeSelection.create(tr.doc, position)).scrollIntoView())
    return true
  }
}

/** After a picture, or from within its caption: goes on in a new paragraph below. */
export const paragraphAfterImage: Command = (state, dispatch) => {
  const image = selectedImage(state) ?? captionedImage(state)
  if (image === null) return false
  const after = image.position + image.node.nodeSize
  const { paragraph } = schemaOf(state).nodes
  const $after = state.doc.resolve(after)
  if (!$after.parent.canReplaceWith($after.index(), $after.index(), paragraph)) return true
  const tr = state.tr.insert(after, paragraph.create())
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
  return true
}

const select =
  (position: number): Command =>
  (state, dispatch) => {
    dispatch?.(state.tr.setSelection(NodeSelection.create(state.doc, position)).scrollIntoView())
    return true
  }

const putCaret =
  (position: number): Command =>
  (state, dispatch) => {
    dispatch?.(state.tr.setSelection(TextSelection.create(state.doc, position)).scrollIntoView())
    return true
  }

/** At the start of a caption: selects its picture. */
export const selectFromCaption: Command = (state, dispatch) => {
  const image = captionedImage(state)
  const { $head, empty } = state.selection
  if (image === null || !empty || $head.parentOffset > 0) return false
  return select(image.position)(state, dispatch)
}

/** At the start of plain text after a picture: selects it, and takes the text's paragraph away when that is empty. */
export const selectImageBefore: Command = (state, dispatch) => {
  const { $head, empty } = state.selection
  if (!empty || $head.parentOffset > 0 || $head.parent.type.name !== 'paragraph') return false
  const start = $head.before()
  const before = state.doc.resolve(start).nodeBefore
  if (!isImage(before) || !isPlain(parseParagraph($head.parent.attrs))) return false
  if (!dispatch) return true
  const { tr } = state
  if ($head.parent.content.size === 0) tr.delete(start, $head.after())
  dispatch(tr.setSelection(NodeSelection.create(tr.doc, start - before.nodeSize)).scrollIntoView())
  return true
}

/** At the end of a text before a picture: selects the picture. */
export const selectImageAfter: Command = (state, dispatch) => {
  const { $head, empty } = state.selection
  if (!empty || $head.depth === 0 || $head.parentOffset < $head.parent.content.size) return false
  if (!isImage(state.doc.resolve($head.after()).nodeAfter)) return false
  return select($head.after())(state, dispatch)
}

/** Arrow keys into and out of pictures: text, picture, caption, text. */
export function moveAcrossImage(key: 'up' | 'down' | 'left' | 'right'): Command {
  const isForward = key === 'down' || key === 'right'
  return (state, dispatch, view) => {
    const selected = selectedImage(state)
    if (selected !== null) {
      const { node, position } = selected
      if (isForward && node.content.size > 0) return putCaret(position + 1)(state, dispatch)
      return toNeighbour(isForward ? position + node.nodeSize : position, isForward)(state, dispatch)
    }
    const { $head, empty } = state.selection
    if (!empty || $head.depth === 0 || view?.endOfTextblock(key) !== true) return false
    if (!isForward && isImage($head.parent)) return select($head.before())(state, dispatch)
    return toNeighbour(isForward ? $head.after() : $head.before(), isForward)(state, dispatch)
  }
}

/** The picture that begins, or ends, where a block does. */
function toNeighbour(edge: number, isForward: boolean): Command {
  return (state, dispatch) => {
    const $edge = state.doc.resolve(edge)
    const next = isForward ? $edge.nodeAfter : $edge.nodeBefore
    if (!isImage(next)) return false
    if (isForward) return select(edge)(state, dispatch)
    const hasCaption = next.content.size > 0
    return (hasCaption ? putCaret(edge - 1) : select(edge - next.nodeSize))(state, dispatch)
  }
}
