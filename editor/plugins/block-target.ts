import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** Which blocks the mouse is about; they stay the same ones while others write above them. */
export interface BlockTarget {
  /** Where the block under the mouse begins. */
  readonly hovered: number | null
  /** Where the block begins that a menu is open for, or that is being dragged. */
  readonly held: number | null
}

const key = new PluginKey<BlockTarget>('coscribe-block-target')
const nothing: BlockTarget = { hovered: null, held: null }

/** The blocks the mouse is about just now; a deleted one is none. */
export function findTarget(state: EditorState): BlockTarget {
  return key.getState(state) ?? nothing
}

/** Notes what the mouse is about; dispatches only what is new. */
export function setTarget(view: EditorView, change: Partial<BlockTarget>): void {
  const target = findTarget(view.state)
  const { hovered, held } = { ...target, ...change }
  if (hovered === target.hovered && held === target.held) return
  view.dispatch(view.state.tr.setMeta(key, change).setMeta('addToHistory', false))
}

function next(tr: Transaction, target: BlockTarget): BlockTarget {
  const map = (position: number | null): number | null => {
    if (position === null || !tr.docChanged) return position
    const { pos, deletedAfter } = tr.mapping.mapResult(position, 1)
    return deletedAfter ? null : pos
  }
  const change: unknown = tr.getMeta(key)
  const mapped: BlockTarget = { hovered: map(target.hovered), held: map(target.held) }
  return isChange(change) ? { ...mapped, ...change } : mapped
}

function isChange(value: unknown): value is Partial<BlockTarget> {
  return typeof value === 'object' && value !== null
}

/** Keeps track of the blocks the mouse is about. */
export function blockTarget(): Plugin<BlockTarget> {
  return new Plugin<BlockTarget>({ key, state: { init: () => nothing, apply: next } })
}
