import { Fragment, Slice } from 'prosemirror-model'
import { keymap } from 'prosemirror-keymap'
import { Plugin, type EditorState, type Transaction } from 'prosemirror-state'
import { columnResizing, handlePaste, ResizeState, tableEditing } from 'prosemirror-tables'
import { isFromYjs } from '../binding/binding.ts'
import { isInTable } from '../commands/insert-table.ts'
import { deleteSelectedTable, nextCell, previousCell } from '../commands/tables.ts'
import { columnWidths, schemaOf } from '../schema/index.ts'
import { parseTabbed, toTable } from './tabbed-text.ts'

/**
 * Selecting and editing in table cells.
 *
 * prosemirror-tables repairs ragged tables after every change. Only who makes a change may repair after it: everybody
 * else would add the same missing cells, once for each person looking.
 */
export function tableEditingPlugins(): Plugin[] {
  const keys = {
    Tab: nextCell,
    'Shift-Tab': previousCell,
    Backspace: deleteSelectedTable,
    Delete: deleteSelectedTable,
  }
  return [keymap(keys), resizing(), tabbedIntoCells(), editing()]
}

/** Cells copied from a spreadsheet as text fill the ones they are pasted into. */
function tabbedIntoCells(): Plugin {
  return new Plugin({
    props: {
      handlePaste: (view, event) => {
        if ((event.clipboardData?.getData('text/html') ?? '') !== '' || !isInTable(view.state)) return false
        if (view.state.selection.$from.parent.type.spec.code === true) return false
        const rows = parseTabbed(event.clipboardData?.getData('text/plain') ?? '', true)
        return (
          rows !== null &&
          handlePaste(view, event, new Slice(Fragment.from(toTable(schemaOf(view.state), rows)), 0, 0))
        )
      },
    },
  })
}

function editing(): Plugin {
  const plugin = tableEditing()
  const repair = plugin.spec.appendTransaction
  plugin.spec.appendTransaction = (transactions, before, after) =>
    transactions.some((tr) => isFromYjs(tr)) ? null : repair?.call(plugin, transactions, before, after)
  return plugin
}

/** Columns are as wide as they are dragged. The editor shows tables before this is here, so it brings no view of them. */
function resizing(): Plugin {
  const plugin = columnResizing({
    cellMinWidth: columnWidths.least,
    defaultCellMinWidth: columnWidths.leastByItself,
    handleWidth: 6,
    View: null,
  })
  const state = plugin.spec.state
  const apply: ApplyResize | undefined = state?.apply
  if (state && apply)
    state.apply = (tr: Transaction, value: ResizeState, before: EditorState, after: EditorState) => {
      const next = apply.call(plugin, tr, value, before, after)
      // The column that is being dragged was deleted by somebody else: prosemirror-tables would drag on, and throw.
      return next.activeHandle === -1 && next.dragging !== false ? new ResizeState(-1, false) : next
    }
  return plugin
}

type ApplyResize = (
  this: Plugin,
  tr: Transaction,
  value: ResizeState,
  before: EditorState,
  after: EditorState,
) => ResizeState
