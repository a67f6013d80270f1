/*
 * Every key that people may want to know, once: the keymap binds these, toolbars name them, the help lists them.
 */

import type { Command } from 'prosemirror-state'

/** Groups of keys in the order the help shows them, and the keys that do a thing, the one to be told first. */
export const shortcutGroups = {
  text: {
    strong: ['Mod-b'],
    em: ['Mod-i'],
    underline: ['Mod-u'],
    strike: ['Mod-Shift-s', 'Mod-Shift-x'],
    code: ['Mod-e'],
    link: ['Mod-k'],
    highlight: ['Mod-Shift-h'],
    subscript: ['Mod-,'],
    superscript: ['Mod-.'],
  },
  blocks: {
    text: ['Mod-Alt-0'],
    heading1: ['Mod-Alt-1'],
    heading2: ['Mod-Alt-2'],
    heading3: ['Mod-Alt-3'],
    heading4: ['Mod-Alt-4'],
    heading5: ['Mod-Alt-5'],
    heading6: ['Mod-Alt-6'],
    ordered: ['Mod-Shift-7'],
    bullet: ['Mod-Shift-8'],
    task: ['Mod-Shift-9'],
    quote: ['Mod-Shift-.'],
    indent: ['Mod-]'],
    outdent: ['Mod-['],
    check: ['Mod-Enter'],
    lineBreak: ['Shift-Enter'],
    moveUp: ['Alt-Shift-ArrowUp'],
    moveDown: ['Alt-Shift-ArrowDown'],
  },
  editor: {
    undo: ['Mod-z'],
    redo: ['Mod-Shift-z', 'Mod-y'],
    find: ['Mod-f'],
    findNext: ['F3', 'Mod-g'],
    findPrevious: ['Shift-F3', 'Mod-Shift-g'],
    replace: ['Mod-Alt-f'],
    blockMenu: ['Alt-F8'],
    blockControls: ['Alt-F9'],
    openLink: ['Alt-Enter'],
    focusToolbar: ['Alt-F10'],
    help: ['Mod-/'],
  },
} as const satisfies Record<string, Record<string, readonly [string, ...string[]]>>

type Groups = typeof shortcutGroups
export type ShortcutGroup = keyof Groups
/** The name of something that keys do. */
export type Shortcut = { [Group in ShortcutGroup]: keyof Groups[Group] }[ShortcutGroup]

const byName = new Map<string, readonly [string, ...string[]]>(
  Object.values(shortcutGroups).flatMap((group) => Object.entries(group)),
)

export function isShortcut(name: string): name is Shortcut {
  return byName.has(name)
}

/** The keys that do something, as `prosemirror-keymap` writes them. */
export function keysOf(name: Shortcut): readonly [string, ...string[]] {
  const keys = byName.get(name)
  if (keys === undefined) throw new RangeError(`No keys do ${name}`)
  return keys
}

/** What some shortcuts do, by their keys: what a keymap is made of. */
export function bindings(commands: Readonly<Partial<Record<Shortcut, Command>>>): Record<string, Command> {
  const bound = Object.entries(commands).flatMap(([name, command]) =>
    isShortcut(name) ? keysOf(name).map((key) => [key, command] as const) : [],
  )
  return Object.fromEntries(bound)
}

const isMac = typeof navigator !== 'undefined' && /Mac|iP(?:hone|[oa]d)/.test(navigator.platform)

const signs = new Map([
  ['Mod', isMac ? '⌘' : 'Ctrl'],
  ['Shift', isMac ? '⇧' : 'Shift'],
  ['Alt', isMac ? '⌥' : 'Alt'],
  ['Enter', isMac ? '↩' : 'Enter'],
  ['ArrowUp', '↑'],
  ['ArrowDown', '↓'],
])

/** The keys of one shortcut one by one, as this machine names them: `⇧`, `⌘`, `7` on a Mac. */
export function keyNames(keys: string): string[] {
  return keys.split('-').map((part) => signs.get(part) ?? (part.length === 1 ? part.toUpperCase() : part))
}

/** Names keys as this machine does: `Mod-Shift-7` is ⌘⇧7 on a Mac and Ctrl+Shift+7 elsewhere. */
export function nameKeys(keys: string): string {
  return keyNames(keys).join(isMac ? '' : '+')
}
