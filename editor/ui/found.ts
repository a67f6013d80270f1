import { PluginKey, type EditorState, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import type { Groups } from '../reading/pattern.ts'

/** What somebody asked the search for; a new object each time. */
export interface FindRequest {
  readonly wish: 'find' | 'replace' | 'next' | 'previous'
}

/** What was found. Positions follow the document. */
export interface Found {
  readonly all: DecorationSet
  /** `all`, and the selected match once more. */
  readonly shown: DecorationSet
  readonly request: FindRequest | null
}

/** A match in the document as it is now. */
export interface Match {
  readonly from: number
  readonly to: number
  /** Relative to the text of the block, as it was when it was searched. */
  readonly groups: Groups
}

export const foundKey = new PluginKey<Found>('coscribe-found')
export const nothingFound: Found = { all: DecorationSet.empty, shown: DecorationSet.empty, request: null }

/** What was found after a transaction. */
export function nextFound(tr: Transaction, found: Found): Found {
  const change: unknown = tr.getMeta(foundKey)
  if (isRequest(change)) return { ...found, request: change }
  const isNew = change instanceof DecorationSet
  if (!isNew && (found.all === DecorationSet.empty || !(tr.docChanged || tr.selectionSet))) return found
  const all = isNew ? change : found.all.map(tr.mapping, tr.doc)
  return { ...found, all, shown: markSelected(tr, all) }
}

function markSelected({ selection, doc }: Transaction, all: DecorationSet): DecorationSet {
  const { from, to } = selection
  const isMatch = from < to && all.find(from, to).some((match) => match.from === from && match.to === to)
  return isMatch ? all.add(doc, [Decoration.inline(from, to, { class: 'coscribe-found-now' })]) : all
}

function isRequest(value: unknown): value is FindRequest {
  return typeof value === 'object' && value !== null && 'wish' in value
}

/** The matches in their order, each where it now is. */
export function matchesOf(state: EditorState): Match[] {
  const found = foundKey.getState(state)?.all.find() ?? []
  return found
    .filter(({ from, to }) => from < to)
    .map(({ from, to, spec }) => ({ from, to, groups: groupsOf(spec) }))
}

function groupsOf(spec: unknown): Groups {
  return typeof spec === 'object' && spec !== null && 'groups' in spec && isGroups(spec.groups)
    ? spec.groups
    : []
}

const isGroups = (value: unknown): value is Groups => Array.isArray(value)

/** Highlights of matches for `foundKey`. */
export function highlight(state: EditorState, matches: readonly Match[]): DecorationSet {
  const decorations = matches.map(({ from, to, groups }) =>
    Decoration.inline(from, to, { class: 'coscribe-found' }, { groups }),
  )
  return DecorationSet.create(state.doc, decorations)
}
