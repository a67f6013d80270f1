import { chainCommands } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import type { Plugin } from 'prosemirror-state'
import { goToCell } from '../commands/go-to-cell.ts'
import { isInTable } from '../commands/insert-table.ts'

/** Until what edits tables has been fetched: whoever fills one that was just made must not leave the text by Tab. */
export function cellKeys(): Plugin {
  return keymap({
    Tab: chainCommands(goToCell(1), isInTable),
    'Shift-Tab': chainCommands(goToCell(-1), isInTable),
  })
}
