import { Plugin, EditorState, TextSelection, type Selection, type Transaction } from 'prosemirror-state'
import type { Node, ResolvedPos, Schema } from 'prosemirror-model'
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPlugin,
  ySyncPluginKey,
} from 'y-prosemirror'
import * as Y from 'yjs'
import { selectionOnScreen, type ScreenView } from './selection-on-screen.ts'

/*
 * Our view of y-prosemirror 1.3.7's internals: the only file that names them. `binding-contract.test.ts` fails when
 * they move, and so does `createSyncPlugin`, loudly, rather than editing through a binding that isn't what we think.
 */

/** What the binding maps each Yjs type to. */
export type Mapping = Parameters<typeof absolutePositionToRelativePosition>[2]

/** The part of an EditorView that the binding uses. */
export interface BoundView extends ScreenView {
  dispatch(tr: Transaction): void
}

/** A selection that holds while others edit. */
export interface RelativeSelection {
  readonly type: string
  readonly anchor: Y.RelativePosition
  readonly head: Y.RelativePosition
}

/** What we read and replace in y-prosemirror's `ProsemirrorBinding`. */
export interface SyncBinding {
  type: Y.XmlFragment
  readonly doc: Y.Doc
  readonly mapping: Mapping
  prosemirrorView: BoundView | null
  beforeTransactionSelection: RelativeSelection | null
  beforeAllTransactions: () => void
  _observeFunction: (events: unknown[], transaction: Y.Transaction) => void
  _prosemirrorChanged: (doc: Node) => void
}

function isSyncBinding(value: unknown): value is SyncBinding {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type instanceof Y.XmlFragment &&
    'doc' in value &&
    value.doc instanceof Y.Doc &&
    'mapping' in value &&
    value.mapping instanceof Map &&
    'prosemirrorView' in value &&
    'beforeTransactionSelection' in value &&
    'beforeAllTransactions' in value &&
    typeof value.beforeAllTransactions === 'function' &&
    '_observeFunction' in value &&
    typeof value._observeFunction === 'function' &&
    '_prosemirrorChanged' in value &&
    typeof value._prosemirrorChanged === 'function'
  )
}

interface SyncOptions {
  readonly fragment: Y.XmlFragment
  readonly schema: Schema
  /** From `initProseMirrorDoc`; without it the sync plugin renders the whole document when the view is made. */
  readonly mapping: Mapping | undefined
}

/** y-prosemirror's sync plugin and the binding inside it; throws when they aren't shaped as 1.3.7's are. */
export function createSyncPlugin({ fragment, schema, mapping }: SyncOptions): {
  plugin: Plugin
  binding: SyncBinding
} {
  const plugin: unknown = ySyncPlugin(fragment, mapping === undefined ? {} : { mapping })
  if (!(plugin instanceof Plugin))
    throw new TypeError('y-prosemirror made no plugin: is prosemirror-state loaded twice?')
  const state: unknown = plugin.spec.state?.init.call(plugin, {}, EditorState.create({ schema }))
  const binding =
    typeof state === 'object' && state !== null && 'binding' in state ? state.binding : undefined
  if (!isSyncBinding(binding))
    throw new TypeError('y-prosemirror is not the version this editor was made for, 1.3.7')
  return { plugin, binding }
}

/** The binding a state is synced by, undefined when it isn't. */
export function findBinding(state: EditorState): SyncBinding | undefined {
  const sync: unknown = ySyncPluginKey.getState(state)
  const binding = typeof sync === 'object' && sync !== null && 'binding' in sync ? sync.binding : undefined
  return isSyncBinding(binding) ? binding : undefined
}

/** The state's selection, as positions in the Yjs document. */
export function relativeSelection(binding: SyncBinding, state: EditorState): RelativeSelection {
  const { anchor, head } = state.selection
  const relative = toRelative(binding, state.doc, anchor)
  return {
    type: 'text',
    anchor: relative,
    head: head === anchor ? relative : toRelative(binding, state.doc, head),
  }
}

/** Remembers the selection of before the next change by others, as y-prosemirror's own writer does. */
export function noteSelection(binding: SyncBinding): void {
  const view = binding.prosemirrorView
  if (view === null) return
  const { anchor, head, jsonID } = describeSelection(selectionOnScreen(view))
  const { doc } = view.state
  const relative = toRelative(binding, doc, anchor)
  binding.beforeTransactionSelection = {
    type: jsonID,
    anchor: relative,
    head: head === anchor ? relative : toRelative(binding, doc, head),
  }
}

function describeSelection(selection: Selection): { anchor: number; head: number; jsonID: string } {
  const json: unknown = selection.toJSON()
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : null
  return { anchor: selection.anchor, head: selection.head, jsonID: typeof type === 'string' ? type : 'text' }
}

/** A text selection where a saved one now is; null when it isn't a text selection or its place is gone. */
export function resolveSelection(binding: SyncBinding, doc: Node, saved: unknown): TextSelection | null {
  if (!isRelativeSelection(saved) || saved.type !== 'text') return null
  const anchor = toAbsolute(binding, saved.anchor)
  const head = toAbsolute(binding, saved.head)
  if (anchor === null || head === null || Math.max(anchor, head) > doc.content.size) return null
  const selection = TextSelection.between(doc.resolve(anchor), doc.resolve(head))
  return selection instanceof TextSelection ? selection : null
}

function isRelativeSelection(value: unknown): value is RelativeSelection {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    'anchor' in value &&
    'head' in value &&
    value.anchor instanceof Y.RelativePosition &&
    value.head instanceof Y.RelativePosition
  )
}

/** A position in a document that Yjs has, as a position in the Yjs document. */
export function toRelative(binding: SyncBinding, doc: Node, position: number): Y.RelativePosition {
  const found = findInText(binding, doc, position)
  if (found !== null) return found
  const relative: unknown = absolutePositionToRelativePosition(position, binding.type, binding.mapping)
  if (!(relative instanceof Y.RelativePosition))
    throw new TypeError('y-prosemirror made no relative position')
  return relative
}

/**
 * The same for a position in a block that holds one text, by the way down to it: y-prosemirror reads all that comes
 * before. Null where the blocks on the way are not what Yjs is known to show.
 */
function findInText({ type, mapping }: SyncBinding, doc: Node, position: number): Y.RelativePosition | null {
  const $position = doc.resolve(position)
  const block = findWay(mapping, type, $position)?.at(-1)
  const text = block?.length === 1 ? block.firstChild : null
  if (!(text instanceof Y.XmlText) || text.length !== $position.parent.content.size) return null
  return Y.createRelativePositionFromTypeIndex(text, $position.parentOffset)
}

/** The elements around a position, the outermost first; null unless each is known to show its node. */
export function findWay(
  mapping: Mapping,
  page: Y.XmlFragment,
  $position: ResolvedPos,
): Y.XmlElement[] | null {
  const way: Y.XmlElement[] = []
  let block = page
  for (let depth = 0; depth < $position.depth; depth++) {
    const isAligned = block.length === $position.node(depth).childCount
    const child = isAligned ? block.get($position.index(depth)) : undefined
    if (!(child instanceof Y.XmlElement) || mapping.get(child) !== $position.node(depth + 1)) return null
    way.push(child)
    block = child
  }
  return way
}

/** Where a position in the Yjs document now is; null when its place is gone or was never here. */
export function toAbsolute(binding: SyncBinding, relative: Y.RelativePosition): number | null {
  try {
    const position = relativePositionToAbsolutePosition(binding.doc, binding.type, relative, binding.mapping)
    return position !== null && position >= 0 ? position : null
  } catch {
    // Thrown for a position inside something the binding hasn't rendered; nothing can be drawn there.
    return null
  }
}
