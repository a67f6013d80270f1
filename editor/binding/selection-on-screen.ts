import { TextSelection, type EditorState, type Selection } from 'prosemirror-state'

/** The part of an EditorView that tells what is on the screen. */
export interface ScreenView {
  readonly state: EditorState
  readonly composing: boolean
  readonly editable: boolean
  readonly dom: HTMLElement
  hasFocus(): boolean
  posAtDOM(node: Node, offset: number): number
}

/**
 * The selection as it is on the screen. Browsers tell of a caret that was moved by a key or the mouse some time after it
 * has moved; what others write meanwhile would put it back to where the state still has it.
 */
export function selectionOnScreen(view: ScreenView): Selection {
  // Whoever only reads selects without the focus.
  return view.editable && !view.hasFocus() ? view.state.selection : shownSelection(view)
}

/** The same for a view that has the focus, or is just losing it. */
export function shownSelection(view: ScreenView): Selection {
  const { doc, selection } = view.state
  if (view.composing) return selection
  const shown = view.dom.ownerDocument.getSelection()
  // What is no text may be drawn as any range; a caret is always one.
  if (shown === null || !(selection instanceof TextSelection || shown.isCollapsed)) return selection
  const anchor = positionOf(view, shown.anchorNode, shown.anchorOffset)
  const head = shown.isCollapsed ? anchor : positionOf(view, shown.focusNode, shown.focusOffset)
  if (anchor === null || head === null) return selection
  return anchor === selection.anchor && head === selection.head
    ? selection
    : TextSelection.create(doc, anchor, head)
}

/** Null where no text is written. */
function positionOf(view: ScreenView, node: Node | null, offset: number): number | null {
  if (node === null || !view.dom.contains(node)) return null
  const position = view.posAtDOM(node, offset)
  return view.state.doc.resolve(position).parent.inlineContent ? position : null
}
