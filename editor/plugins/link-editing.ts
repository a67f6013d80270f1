import {
  Plugin,
  PluginKey,
  TextSelection,
  type Command,
  type EditorState,
  type Transaction,
} from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { canLink, findLink } from '../commands/marks.ts'

/** What is shown under a clicked link, or (`edit`) under what is about to be linked. Positions follow the document. */
export interface LinkEdit {
  readonly mode: 'view' | 'edit'
  readonly from: number
  readonly to: number
  readonly href: string
}

const key = new PluginKey<LinkEdit | null>('coscribe-link')

/** Opens the link editor for the selection, the link around the caret, or a new address. */
export const editLink: Command = (state, dispatch) => {
  if (!canLink(state)) return false
  const { empty, from, to, $from } = state.selection
  const existing = findLink($from)
  const range = empty ? (existing ?? { from, to }) : { from, to }
  const edit: LinkEdit = { mode: 'edit', from: range.from, to: range.to, href: existing?.href ?? '' }
  dispatch?.(state.tr.setMeta(key, edit))
  return true
}

/** What is being shown or edited just now. */
export function findLinkEdit(state: EditorState): LinkEdit | null {
  return key.getState(state) ?? null
}

/** Closes the bubble or the form. */
export function closeLinkEdit(view: EditorView): void {
  if (key.getState(view.state)) view.dispatch(view.state.tr.setMeta(key, null))
}

function next(tr: Transaction, current: LinkEdit | null, state: EditorState): LinkEdit | null {
  const change: unknown = tr.getMeta(key)
  if (isLinkEdit(change) || change === null) return change
  if (current === null) return null
  const from = tr.mapping.map(current.from, 1)
  const to = Math.max(from, tr.mapping.map(current.to, -1))
  if (current.mode === 'edit') return { ...current, from, to }
  const link = from < to ? findLink(state.doc.resolve(from + 1)) : undefined
  const { empty, head } = state.selection
  const isInside = link !== undefined && empty && link.from <= head && head <= link.to
  return isInside ? { mode: 'view', ...link } : null
}

function isLinkEdit(value: unknown): value is LinkEdit {
  return typeof value === 'object' && value !== null && 'mode' in value && 'href' in value
}

/** Knows which link is shown or edited; a change by somebody else doesn't close either. */
export function linkEditing(): Plugin<LinkEdit | null> {
  return new Plugin<LinkEdit | null>({
    key,
    state: { init: () => null, apply: (tr, edit, _before, after) => next(tr, edit, after) },
    props: {
      decorations: (state) => {
        const edit = key.getState(state)
        if (!edit || edit.mode === 'view' || edit.from === edit.to) return DecorationSet.empty
        const pending = Decoration.inline(edit.from, edit.to, { class: 'coscribe-pending' })
        return DecorationSet.create(state.doc, [pending])
      },
      handleClick: (view, position, event) => {
        const link = findLink(view.state.doc.resolve(position))
        const isOnLink = event.target instanceof Element && event.target.closest('a') !== null
        if (link === undefined || !isOnLink || !view.editable || event.metaKey || event.ctrlKey) return false
        const tr = view.state.tr.setSelection(TextSelection.create(view.state.doc, position))
        view.dispatch(tr.setMeta(key, { mode: 'view', ...link } satisfies LinkEdit))
        return true
      },
      handleKeyDown: (view, event) => {
        if (event.key !== 'Escape' || !key.getState(view.state)) return false
        closeLinkEdit(view)
        return true
      },
    },
  })
}
