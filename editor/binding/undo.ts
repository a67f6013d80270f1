import { Plugin, PluginKey, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import { ReplaceStep } from 'prosemirror-transform'
import type { EditorView } from 'prosemirror-view'
import { defaultDeleteFilter, ySyncPluginKey, yUndoPluginKey } from 'y-prosemirror'
import * as Y from 'yjs'
import {
  resolveSelection,
  relativeSelection,
  type RelativeSelection,
  type SyncBinding,
} from './sync-binding.ts'

const selectionKey = 'coscribe:selection'

interface Boundary {
  /** Grows with every local change that should be undone apart from what came before it. */
  readonly count: number
  readonly isTyping: boolean
}

const boundaryKey = new PluginKey<Boundary>('coscribe-undo-boundary')

/** Marks a transaction as a change to undo apart from what is typed before and after it. */
export function undoneApart(tr: Transaction): Transaction {
  return tr.setMeta(boundaryKey, true)
}

/**
 * An undo manager for what is typed through the binding, and for nothing else.
 *
 * Undoing the creation of a textblock never takes along what others wrote into it.
 */
export function createUndoManager(fragment: Y.XmlFragment, textblocks: ReadonlySet<string>): Y.UndoManager {
  const names = new Set(textblocks)
  return new Y.UndoManager(fragment, {
    trackedOrigins: new Set([ySyncPluginKey]),
    deleteFilter: (item) => defaultDeleteFilter(item, names),
    captureTransaction: (transaction) => transaction.meta.get('addToHistory') !== false,
  })
}

/**
 * What y-prosemirror's commands, and plugins of others, find an undo manager by.
 *
 * Its own plugin destroys the manager when plugins change (y-prosemirror#114), leaves a selection behind after an undo
 * that the next remote edit restores (y-prosemirror#186), and reads the document up to the caret at every change.
 */
export function undoState(undoManager: Y.UndoManager): Plugin {
  const read = () => ({
    undoManager,
    prevSel: null,
    hasUndoOps: undoManager.undoStack.length > 0,
    hasRedoOps: undoManager.redoStack.length > 0,
  })
  return new Plugin({ key: yUndoPluginKey, state: { init: read, apply: read } })
}

/**
 * Keeps the undo manager's steps apart and remembers where the selection was before each.
 *
 * Its view must come before the sync plugin's, which writes a change to Yjs when the view updates. The manager is
 * destroyed with the view, and survives a change of the view's plugins.
 */
export function undoSelection(binding: SyncBinding, undoManager: Y.UndoManager): Plugin<Boundary> {
  return new Plugin<Boundary>({
    key: boundaryKey,
    state: { init: () => ({ count: 0, isTyping: true }), apply: nextBoundary },
    view: (view) => {
      const memory = rememberSelections(view, { binding, undoManager })
      return {
        update: memory.update,
        destroy: () => {
          memory.stop()
          // Reconfiguring the plugins destroys this view too, but not the editor.
          queueMicrotask(() => {
            if (view.isDestroyed) undoManager.destroy()
          })
        },
      }
    },
  })
}

function nextBoundary(tr: Transaction, boundary: Boundary): Boundary {
  if (!tr.docChanged || tr.getMeta(ySyncPluginKey) !== undefined) return boundary
  const isOwnGesture =
    tr.getMeta(boundaryKey) === true || ['paste', 'drop', 'cut'].includes(String(tr.getMeta('uiEvent')))
  const isTyping = !isOwnGesture && tr.steps.every((step) => step instanceof ReplaceStep)
  const isApart = !isTyping || !boundary.isTyping
  return { count: isApart ? boundary.count + 1 : boundary.count, isTyping }
}

interface UndoContext {
  readonly binding: SyncBinding
  readonly undoManager: Y.UndoManager
}

interface StackEvent {
  readonly stackItem: { readonly meta: Map<unknown, unknown> }
  readonly origin: unknown
}

function rememberSelections(view: EditorView, { binding, undoManager }: UndoContext) {
  let before: RelativeSelection | null = null
  const added = ({ stackItem, origin }: StackEvent): void => {
    // An undo changes Yjs first, so the binding still knows the selection from before it.
    const isUndo = origin === undoManager
    stackItem.meta.set(selectionKey, isUndo ? binding.beforeTransactionSelection : before)
  }
  const popped = ({ stackItem }: StackEvent): void => {
    const saved = stackItem.meta.get(selectionKey)
    const selection = resolveSelection(binding, view.state.doc, saved)
    if (selection !== null && !view.composing)
      view.dispatch(view.state.tr.setSelection(selection).scrollIntoView())
  }
  undoManager.on('stack-item-added', added)
  undoManager.on('stack-item-popped', popped)
  return {
    update: (_: EditorView, previous: EditorState): void => {
      if (previous.doc === view.state.doc || isSynced(view.state)) return
      before = previous.selection instanceof TextSelection ? relativeSelection(binding, previous) : null
      const isApart = boundaryKey.getState(view.state)?.count !== boundaryKey.getState(previous)?.count
      if (isApart) undoManager.stopCapturing()
    },
    stop: (): void => {
      undoManager.off('stack-item-added', added)
      undoManager.off('stack-item-popped', popped)
    },
  }
}

function isSynced(state: EditorState): boolean {
  const sync: unknown = ySyncPluginKey.getState(state)
  return typeof sync === 'object' && sync !== null && 'isChangeOrigin' in sync && sync.isChangeOrigin === true
}
