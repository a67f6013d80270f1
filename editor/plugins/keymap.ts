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
import { leaveFormula } from '../commands/math.ts'
import { toggleHighlight } from '../commands/colors.ts'
import { toggle, toggleScript } from '../commands/marks.ts'
import { schemaOf } from '../schema/index.ts'
import { openLink } from './links.ts'
import { bindings, type Shortcut } from './shortcuts.ts'

/** Inserts a line break that doesn't start a new paragraph. */
export const insertHardBreak: Command = (state, dispatch) => {
  if (!state.selection.$from.parent.inlineContent) return false
  dispatch?.(state.tr.replaceSelectionWith(schemaOf(state).nodes.hard_break.create(), false).scrollIntoView())
  return true
}

function chain(...commands: (Command | undefined)[]): Command {
  return chainCommands(...commands.filter((command) => command !== undefined))
}

/** What the keys of plugins/shortcuts.ts do; the rest is given from outside. */
const commands = {
  strong: toggle('strong'),
  em: toggle('em'),
  underline: toggle('underline'),
  strike: toggle('strike'),
  code: toggle('code'),
  highlight: toggleHighlight,
  subscript: toggleScript('subscript'),
  superscript: toggleScript('superscript'),
  text: setStyle(null),
  heading1: toggleStyle('heading1'),
  heading2: toggleStyle('heading2'),
  heading3: toggleStyle('heading3'),
  heading4: toggleStyle('heading4'),
  heading5: toggleStyle('heading5'),
  heading6: toggleStyle('heading6'),
  ordered: toggleList('ordered'),
  bullet: toggleList('bullet'),
  task: toggleList('task'),
  quote: toggleStyle('quote'),
  indent: changeLevel(1),
  outdent: changeLevel(-1),
  check: chain(toggleChecked, exitCode),
  lineBreak: chain(newlineInCode, insertHardBreak),
  undo,
  redo,
  openLink,
} satisfies Partial<Record<Shortcut, Command>>

/** What a key does by itself, because people expect it to. */
const editing: Record<string, Command> = {
  Enter: chain(enter, baseKeymap['Enter']),
  Backspace: chain(
    undoInputRule,
    makePlainer,
    leaveEmptyCode,
    removeEmptyBefore,
    liftFromCallout,
    baseKeymap['Backspace'],
  ),
  Tab: chain(indentCode, changeListLevel(1)),
  // Falls through at the outermost level, so that the keyboard can leave the editor.
  'Shift-Tab': chain(outdentCode, changeListLevel(-1)),
  ArrowDown: leaveCodeDownwards,
  ArrowRight: leaveFormula,
  Escape: leaveFormula,
}

/** What a program around the editor does for the keys that open something of it. */
export type OutsideCommands = Partial<Record<Exclude<Shortcut, keyof typeof commands>, Command>>

/** Every key the editor gives a meaning, ours before ProseMirror's. */
export function keys(outside: OutsideCommands = {}): Plugin[] {
  return [keymap({ ...editing, ...bindings({ ...commands, ...outside }) }), keymap(baseKeymap)]
}
