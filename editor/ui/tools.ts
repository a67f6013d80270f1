import type { Command, EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { redo, undo } from '../binding/binding.ts'
import {
  activeStyle,
  changeLevel,
  insertRule,
  selectedParagraphs,
  setAlignment,
  toggleCodeBlock,
  toggleList,
} from '../commands/blocks.ts'
import { findCallout, toggleCallout } from '../commands/callouts.ts'
import { insertTable } from '../commands/insert-table.ts'
import { activeColor, setColor, type ColorMark } from '../commands/colors.ts'
import { canLink, findLink, isMarkActive, toggle, toggleScript, type ToggledMark } from '../commands/marks.ts'
import { keysOf, nameKeys, type Shortcut } from '../plugins/shortcuts.ts'
import { schemaOf, type Alignment, type ListKind } from '../schema/index.ts'
import type { IconName } from './icons.ts'
import { askForPicture } from './image-tools.ts'
import { openHelp } from './open-help.ts'
import type { text } from './text.ts'

/** A control of the toolbar. */
export interface Tool {
  readonly name: IconName & keyof typeof text
  readonly run: Command
  /** The keys that do the same, as this machine writes them. */
  readonly keys?: string
  /** Absent for a control that does something once. */
  readonly isActive?: (state: EditorState) => boolean
  /** False for a control that opens something that takes the focus. */
  readonly keepsFocus?: boolean
  /** What a press does instead of `run`, which then only tells whether the tool can be used: opens a menu. */
  readonly open?: (view: EditorView, button: HTMLElement) => void
}

const named = (name: Shortcut): string => nameKeys(keysOf(name)[0])

const isOn =
  (name: ToggledMark | 'subscript' | 'superscript') =>
  (state: EditorState): boolean =>
    isMarkActive(state, schemaOf(state).marks[name])

function markTool(name: ToggledMark): Tool {
  return { name, run: toggle(name), keys: named(name), isActive: isOn(name) }
}

function scriptTool(name: 'subscript' | 'superscript'): Tool {
  return { name, run: toggleScript(name), keys: named(name), isActive: isOn(name) }
}

function colorTool(name: ColorMark): Tool {
  return {
    name,
    run: setColor(name, null),
    isActive: (state) => activeColor(state, name) !== null,
    open: (view, button) =>
      void import('./palette.ts').then(({ openPalette }) => openPalette(view, name, button)),
  }
}

function listTool(name: ListKind): Tool {
  const isActive = (state: EditorState): boolean => {
    const paragraphs = selectedParagraphs(state)
    return paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.list === name)
  }
  return { name, run: toggleList(name), keys: named(name), isActive }
}

function alignTool(name: Tool['name'], align: Alignment | null): Tool {
  const isActive = (state: EditorState): boolean => {
    const paragraphs = selectedParagraphs(state)
    return paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.align === align)
  }
  return { name, run: setAlignment(align), isActive }
}

/** What can be done to a piece of text, wherever it is selected. */
export function textTools(editLink: Command): readonly Tool[] {
  const link: Tool = {
    name: 'link',
    run: (state, dispatch, view) => canLink(state) && editLink(state, dispatch, view),
    keys: named('link'),
    isActive: (state) => findLink(state.selection.$from) !== undefined,
    keepsFocus: false,
  }
  return [
    markTool('strong'),
    markTool('em'),
    markTool('underline'),
    markTool('strike'),
    markTool('code'),
    link,
    colorTool('highlight'),
    colorTool('text_color'),
  ]
}

/** The toolbar's controls in their groups, undo and redo first. */
export function toolGroups(editLink: Command): readonly (readonly Tool[])[] {
  return [
    [
      { name: 'undo', run: undo, keys: named('undo') },
      { name: 'redo', run: redo, keys: named('redo') },
    ],
    [...textTools(editLink), scriptTool('subscript'), scriptTool('superscript')],
    [
      listTool('bullet'),
      listTool('ordered'),
      listTool('task'),
      { name: 'outdent', run: changeLevel(-1), keys: named('outdent') },
      { name: 'indent', run: changeLevel(1), keys: named('indent') },
    ],
    [
      alignTool('alignStart', null),
      alignTool('alignCenter', 'center'),
      alignTool('alignRight', 'right'),
      alignTool('alignJustify', 'justify'),
    ],
    [
      { name: 'picture', run: askForPicture, keepsFocus: false },
      { name: 'insertTable', run: insertTable() },
      {
        name: 'callout',
        run: toggleCallout,
        isActive: (state) => findCallout(state.selection.$from) !== null,
      },
      { name: 'codeBlock', run: toggleCodeBlock, isActive: (state) => activeStyle(state) === 'code' },
      { name: 'rule', run: insertRule },
      { name: 'help', run: openHelp, keys: named('help'), keepsFocus: false },
    ],
  ]
}
