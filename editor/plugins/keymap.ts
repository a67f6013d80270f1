import { baseKeymap, chainCommands, exitCode, newlineInCode } from 'prosemirror-commands'
import { undoInputRule } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import type { Command, Plugin } from 'prosemirror-state'
import { redo, undo } from '../binding/binding.ts'
import { leaveEmptyCode, makePlainer, removeEmptyBefore } from '../commands/backspace.ts'
import {
  changeLevel,
  changeListLevel,
  setStyle,
  toggleChecked,
  toggleList,
  toggleStyle,
} from '../commands/blocks.ts'
import { enter, leaveCodeDownwards } from '../commands/enter.ts'
import { liftFromCallout } from '../commands/callouts.ts'
import { indentCode, outdentCode } from '../commands/code.ts'
import { toggle } from '../commands/marks.ts'
import { leaveFormula } from '../commands/math.ts'
import { deleteSelectedTable, nextCell, previousCell } from '../commands/tables.ts'
import { schema } from '../schema/index.ts'

/** Inserts a line break that doesn't start a new paragraph. */
export const insertHardBreak: Command = (state, dispatch) => {
  if (!state.selection.$from.parent.inlineContent) return false
  dispatch?.(state.tr.replaceSelectionWith(schema.nodes.hard_break.create(), false).scrollIntoView())
  return true
}

function chain(...commands: (Command | undefined)[]): Command {
  return chainCommands(...commands.filter((command) => command !== undefined))
}

const marks: Record<string, Command> = {
  'Mod-b': toggle('strong'),
  'Mod-i': toggle('em'),
  'Mod-u': toggle('underline'),
  'Mod-Shift-s': toggle('strike'),
  'Mod-Shift-x': toggle('strike'),
  'Mod-e': toggle('code'),
}

const blocks: Record<string, Command> = {
  'Mod-Alt-0': setStyle(null),
  'Mod-Alt-1': toggleStyle('heading1'),
  'Mod-Alt-2': toggleStyle('heading2'),
  'Mod-Alt-3': toggleStyle('heading3'),
  'Mod-Alt-4': toggleStyle('heading4'),
  'Mod-Alt-5': toggleStyle('heading5'),
  'Mod-Alt-6': toggleStyle('heading6'),
  'Mod-Shift-7': toggleList('ordered'),
  'Mod-Shift-8': toggleList('bullet'),
  'Mod-Shift-9': toggleList('task'),
  'Mod-Shift-.': toggleStyle('quote'),
  'Mod-]': changeLevel(1),
  'Mod-[': changeLevel(-1),
}

const editing: Record<string, Command> = {
  Enter: chain(enter, baseKeymap['Enter']),
  'Shift-Enter': chain(newlineInCode, insertHardBreak),
  'Mod-Enter': chain(toggleChecked, exitCode),
  Backspace: chain(
    undoInputRule,
    deleteSelectedTable,
    makePlainer,
    leaveEmptyCode,
    removeEmptyBefore,
    liftFromCallout,
    baseKeymap['Backspace'],
  ),
  Delete: chain(deleteSelectedTable, baseKeymap['Delete']),
  Tab: chain(indentCode, changeListLevel(1), nextCell),
  // Falls through at the outermost level, so that the keyboard can leave the editor.
  'Shift-Tab': chain(outdentCode, changeListLevel(-1), previousCell),
  ArrowDown: leaveCodeDownwards,
  ArrowRight: leaveFormula,
  Escape: leaveFormula,
  'Mod-z': undo,
  'Mod-y': redo,
  'Mod-Shift-z': redo,
}

interface KeymapOptions {
  /** Opens the link editor, for Mod-K. */
  readonly editLink?: Command
  /** Moves the focus to the toolbar, for Alt-F10. */
  readonly focusToolbar?: Command
}

/** Every key the editor gives a meaning, ours before ProseMirror's. */
export function keys({ editLink, focusToolbar }: KeymapOptions = {}): Plugin[] {
  const bar: Record<string, Command> = focusToolbar === undefined ? {} : { 'Alt-F10': focusToolbar }
  const link: Record<string, Command> = editLink === undefined ? {} : { 'Mod-k': editLink }
  return [keymap({ ...marks, ...blocks, ...editing, ...link, ...bar }), keymap(baseKeymap)]
}
