import type { Command, EditorState } from 'prosemirror-state'
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
import { canLink, findLink, isMarkActive, toggle, type ToggledMark } from '../commands/marks.ts'
import { insertTable } from '../commands/tables.ts'
import { schema, type Alignment, type ListKind } from '../schema/index.ts'
import type { IconName } from './icons.ts'
import { askForPicture } from './image-tools.ts'
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
}

const isMac = typeof navigator !== 'undefined' && /Mac|iP(?:hone|[oa]d)/.test(navigator.platform)

/** Names keys as this machine does: `Mod-Shift-7` is ⇧⌘7 on a Mac and Ctrl+Shift+7 elsewhere. */
export function nameKeys(keys: string): string {
  const parts = keys.split('-').map((part) => (part.length === 1 ? part.toUpperCase() : part))
  if (!isMac) return parts.join('+').replace('Mod', 'Ctrl')
  const signs = new Map([
    ['Mod', '⌘'],
    ['Shift', '⇧'],
    ['Alt', '⌥'],
  ])
  return parts.map((part) => signs.get(part) ?? part).join('')
}

function markTool(name: ToggledMark, keys: string): Tool {
  const type = schema.marks[name]
  return { name, run: toggle(name), keys: nameKeys(keys), isActive: (state) => isMarkActive(state, type) }
}

function listTool(name: ListKind, keys: string): Tool {
  const isActive = (state: EditorState): boolean => {
    const paragraphs = selectedParagraphs(state)
    return paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.list === name)
  }
  return { name, run: toggleList(name), keys: nameKeys(keys), isActive }
}

function alignTool(name: Tool['name'], align: Alignment | null): Tool {
  const isActive = (state: EditorState): boolean => {
    const paragraphs = selectedParagraphs(state)
    return paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.align === align)
  }
  return { name, run: setAlignment(align), isActive }
}

/** The toolbar's controls in their groups, undo and redo first. */
export function toolGroups(editLink: Command): readonly (readonly Tool[])[] {
  const link: Tool = {
    name: 'link',
    run: (state, dispatch, view) => canLink(state) && editLink(state, dispatch, view),
    keys: nameKeys('Mod-k'),
    isActive: (state) => findLink(state.selection.$from) !== undefined,
    keepsFocus: false,
  }
  return [
    [
      { name: 'undo', run: undo, keys: nameKeys('Mod-z') },
      { name: 'redo', run: redo, keys: nameKeys('Mod-Shift-z') },
    ],
    [
      markTool('strong', 'Mod-b'),
      markTool('em', 'Mod-i'),
      markTool('underline', 'Mod-u'),
      markTool('strike', 'Mod-Shift-s'),
      markTool('code', 'Mod-e'),
      link,
    ],
    [
      listTool('bullet', 'Mod-Shift-8'),
      listTool('ordered', 'Mod-Shift-7'),
      listTool('task', 'Mod-Shift-9'),
      { name: 'outdent', run: changeLevel(-1), keys: nameKeys('Mod-[') },
      { name: 'indent', run: changeLevel(1), keys: nameKeys('Mod-]') },
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
    ],
  ]
}
