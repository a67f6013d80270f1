import type { Node, Schema } from 'prosemirror-model'
import { Plugin, type EditorState } from 'prosemirror-state'
import { initProseMirrorDoc, redoCommand, undoCommand, ySyncPluginKey } from 'y-prosemirror'
import * as Y from 'yjs'
import { metaName, schemaKey } from '../../server/protocol/document.ts'
import { schemaVersion } from '../../server/protocol/version.ts'
import { keepInlinesBare } from './bare-inlines.ts'
import { adoptNodes } from './block-children.ts'
import { positionBeside } from './follow-selection.ts'
import { isAlive } from './items.ts'
import { followLetters, passageOf } from './letter-origins.ts'
import { TextKeeper } from './keep-text.ts'
import { MarkKeys } from './mark-keys.ts'
import { Composing } from './composing.ts'
import { addTexts } from './new-blocks.ts'
import {
  createSyncPlugin,
  findBinding,
  noteSelection,
  toAbsolute,
  toRelative,
  type SyncBinding,
} from './sync-binding.ts'
import type { Offering } from './rescue-offers.ts'
import { showMinimalSteps } from './show-changes.ts'
import { forgive } from './unknown.ts'
import { createUndoManager, undoSelection, undoState } from './undo.ts'
import { writeDocument } from './write-blocks.ts'

/*
 * The door to y-prosemirror. What we change about it, and why:
 *
 * 1. Somebody else's edit becomes the smallest steps that make it, not a replacement of the whole document, so
 *    decorations, menus and the caret stay (`show-changes.ts`).
 * 2. It never scrolls, and never sets the selection during a composition, whose block it leaves alone (`composing.ts`).
 * 3. Undo takes back this editor's own edits only, never text others wrote, puts the selection back, and outlives a
 *    change of plugins.
 * 4. What is written to Yjs is what the steps changed: a letter that no step touched stays itself (`_prosemirrorChanged`).
 *    What moved is recorded, and others' concurrent edits follow it (`keep-text.ts`).
 * 5. What the schema refuses is shown as a placeholder and kept, not deleted (`unknown.ts`).
 * 6. The first edit of a document records the schema version in the same transaction, and every new block has a text
 *    to write into (`_prosemirrorChanged`).
 */

/** What a ProseMirror editor needs to edit a Yjs fragment. */
export interface Binding {
  /** First in the editor's list of plugins; the order matters. */
  readonly plugins: readonly Plugin[]
  /** What the editor's state must start from. */
  readonly doc: Node
  readonly undoManager: Y.UndoManager
  readonly keeper: TextKeeper
}

export interface BindOptions {
  readonly fragment: Y.XmlFragment
  readonly schema: Schema
  /**
   * True when the state starts from the returned `doc`. False renders the fragment into whatever state the plugins
   * find, with one transaction that replaces the document.
   */
  readonly startsFromDoc: boolean
  /** Whether repairs may be written now; default always. */
  readonly mayRepair?: () => boolean
  /** Clients other than this one whose text is for this editor to look after; default none. */
  readonly isMine?: (client: number) => boolean
  /** Whether a client's editor is open somewhere; without it, everybody's is taken to be. */
  readonly isPresent?: (client: number) => boolean
  /** Who hears of text that somebody's change removed and that nobody puts back by themselves. */
  readonly offering?: Offering
}

const keepers = new WeakMap<SyncBinding, TextKeeper>()

/** Binds a fragment: read it first and fully synced, since reading is where its content is first checked. */
export function bindFragment(options: BindOptions): Binding {
  const { fragment, schema, startsFromDoc, isMine, isPresent, offering } = options
  if (fragment.doc === null) throw new TypeError('The fragment to edit belongs to no Y.Doc')
  const forgiving = forgive(schema, new MarkKeys(fragment.doc))
  const initial = initProseMirrorDoc(fragment, forgiving)
  adoptNodes(initial.mapping, fragment, { node: initial.doc, start: 0, end: 0 })
  const mapping = startsFromDoc ? initial.mapping : undefined
  const { plugin, binding } = createSyncPlugin({ fragment, schema, mapping })
  const composing = new Composing(binding)
  const textblocks = textblockNames(schema)
  const undoManager = createUndoManager(fragment, textblocks)
  const keeper = new TextKeeper({
    doc: binding.doc,
    schema,
    undoManager,
    localOrigin: ySyncPluginKey,
    nodeOf: (type) => (type instanceof Y.XmlElement ? binding.mapping.get(type) : undefined),
    fragment,
    mayWrite: () => binding.prosemirrorView !== null && options.mayRepair?.() !== false,
    ...(isMine === undefined ? {} : { isMine }),
    ...(isPresent === undefined ? {} : { isPresent }),
    ...(offering === undefined ? {} : { offering }),
  })
  showMinimalSteps(binding, { forgiving, composing, moves: keeper })
  keepers.set(binding, keeper)
  let written: Node | null = null
  replaceWriter(binding, { textblocks, keeper, composing, wrote: (doc) => (written = doc) })
  binding.beforeAllTransactions = () => {
    const state = binding.prosemirrorView?.state
    // While a change made here is being written, its positions mean nothing in Yjs yet.
    const isShown = state !== undefined && (state.doc === written || passageOf(state).base === state.doc)
    if (isShown && binding.beforeTransactionSelection === null) noteSelection(binding)
  }
  return {
    plugins: [
      undoSelection(binding, undoManager),
      endWithView(keeper),
      followLetters(() => written),
      composing.plugin,
      plugin,
      undoState(undoManager),
      keepInlinesBare(),
    ],
    doc: initial.doc,
    undoManager,
    keeper,
  }
}

/** Ends the keeper with the view; reconfigured plugins destroy plugin views too, but not the editor. */
function endWithView(keeper: TextKeeper): Plugin {
  return new Plugin({
    view: (view) => ({
      destroy: () =>
        queueMicrotask(() => {
          if (view.isDestroyed) keeper.destroy()
        }),
    }),
  })
}

function textblockNames(schema: Schema): Set<string> {
  const names = Object.values(schema.nodes)
  return new Set(names.filter((type) => type.isTextblock).map((type) => type.name))
}

interface Writer {
  readonly textblocks: ReadonlySet<string>
  readonly keeper: TextKeeper
  readonly composing: Composing
  /** Called with the document that Yjs now has. */
  readonly wrote: (doc: Node) => void
}

function replaceWriter(binding: SyncBinding, { textblocks, keeper, composing, wrote }: Writer): void {
  binding._prosemirrorChanged = (doc) => {
    if (composing.isHolding) return
    binding.doc.transact((transaction) => {
      const { mapping, prosemirrorView: view } = binding
      const passage = view?.state.doc === doc ? passageOf(view.state) : { base: null, maps: [] }
      const page = { mapping, $caret: view?.state.selection.$head ?? null, passage }
      const written = writeDocument(page, binding.type, doc)
      wrote(doc)
      noteSelection(binding)
      addTexts(transaction, textblocks)
      if (transaction.changed.size === 0) return
      keeper.record(transaction, written)
      const meta = binding.doc.getMap(metaName)
      if (!meta.has(schemaKey)) meta.set(schemaKey, schemaVersion)
    }, ySyncPluginKey)
  }
}

/** A document position as JSON that keeps its place while others edit; null when the state isn't bound. */
export function savePosition(state: EditorState, position: number): unknown {
  const binding = findBinding(state)
  return binding === undefined ? null : Y.relativePositionToJSON(toRelative(binding, state.doc, position))
}

/** Where a saved position now is. Anybody may have written it: null when it is malformed, gone or elsewhere. */
export function findPosition(state: EditorState, saved: unknown): number | null {
  const binding = findBinding(state)
  const relative = parseRelative(saved)
  if (binding === undefined || relative === null) return null
  // Resolving an unknown root name would create it in the document.
  if (relative.tname !== null && relative.tname !== rootName(binding)) return null
  const position = toAbsolute(binding, follow(binding, relative))
  return position === null ? null : Math.min(position, state.doc.content.size)
}

/** Its author may not know yet that the letter behind it was moved. */
function follow(binding: SyncBinding, relative: Y.RelativePosition): Y.RelativePosition {
  const { item } = relative
  if (item === null || isAlive(binding.doc, item)) return relative
  const now = keepers.get(binding)?.whereIs(item) ?? null
  return (now === null ? null : positionBeside(binding.doc, now, 0)) ?? relative
}

function rootName(binding: SyncBinding): string | null {
  return binding.type._item === null ? Y.findRootTypeKey(binding.type) : null
}

function parseId(value: unknown): Y.ID | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value !== 'object' || !('client' in value) || !('clock' in value)) return undefined
  const { client, clock } = value
  const isId = isCount(client) && isCount(clock)
  return isId ? Y.createID(client, clock) : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function parseRelative(value: unknown): Y.RelativePosition | null {
  if (typeof value !== 'object' || value === null) return null
  const type = parseId('type' in value ? value.type : null)
  const item = parseId('item' in value ? value.item : null)
  const tname = 'tname' in value ? value.tname : null
  const assoc = 'assoc' in value ? value.assoc : 0
  if (type === undefined || item === undefined) return null
  if (tname !== null && tname !== undefined && typeof tname !== 'string') return null
  if (type === null && item === null && typeof tname !== 'string') return null
  return new Y.RelativePosition(type, tname ?? null, item, typeof assoc === 'number' ? assoc : 0)
}

/** Takes back this editor's last own edit. */
export const undo = undoCommand

/** Makes an edit that was taken back again. */
export const redo = redoCommand

export { isFromYjs } from './from-yjs.ts'
export type { Rescue } from './rescue-offers.ts'
export { undoneApart } from './undo.ts'
