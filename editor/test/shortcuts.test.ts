// @vitest-environment jsdom
import { NodeSelection } from 'prosemirror-state'
import { expect, test } from 'vitest'
import {
  isShortcut,
  keyNames,
  keysOf,
  nameKeys,
  shortcutGroups,
  type Shortcut,
} from '../plugins/shortcuts.ts'
import { loadTableEditing } from '../plugins/tables.ts'
import { schema } from '../schema/index.ts'
import { nameOf, showHelp } from '../ui/shortcut-help.ts'
import { toolGroups } from '../ui/tools.ts'
import { p, Writer } from './page.ts'

const names = Object.values(shortcutGroups)
  .flatMap((group) => Object.keys(group))
  .filter(isShortcut)

/** Keys that only do what everybody expects of them. */
const selfEvident = ['Enter', 'Backspace', 'Delete', 'Tab', 'Shift-Tab', 'ArrowDown', 'ArrowRight', 'Escape']

test('[E62] the help names every key, and every key in it does something', () => {
  const writer = new Writer().write(p('some text')).at(0, 0, 4)
  HTMLDialogElement.prototype.showModal = () => {}
  showHelp(writer.view)
  const help = document.querySelector('.coscribe-help')
  const shown = [...(help?.querySelectorAll('dl > div') ?? [])].map((row) =>
    [
      row.querySelector('dt')?.textContent,
      ...[...row.querySelectorAll('kbd')].map((key) => key.textContent),
    ].join(' '),
  )
  for (const name of names) {
    const row = [nameOf(name), ...keysOf(name).flatMap(keyNames)].join(' ')
    expect(shown).toContain(row)
  }
})

test('[E62] a key of the table is one key only', () => {
  const all = names.flatMap((name) => [...keysOf(name)])
  expect(new Set(all).size).toBe(all.length)
  expect(all.filter((key) => selfEvident.includes(key))).toEqual([])
})

test('[E62] every key of the table is bound', () => {
  const writer = new Writer().write(p('some text')).at(0, 0, 4)
  const dead = names
    .filter((name) => !needsMore.includes(name))
    .flatMap((name) =>
      keysOf(name).filter((key) => {
        writer
          .write(p('above'), p('some text', name === 'check' ? { list: 'task' } : {}), p('below'))
          .at(1, 0, 4)
        return !writer.press(key.replace('Mod', 'Ctrl'))
      }),
    )
  expect(dead).toEqual([])
})

/** Does nothing on text like this, or by itself. */
const needsMore: readonly Shortcut[] = ['outdent', 'undo', 'redo', 'openLink', 'blockMenu', 'blockControls']

test('[E62] every key that is bound is in the table', async () => {
  const writer = new Writer()
  await loadTableEditing()
  const { nodes } = schema
  const places: readonly (() => Writer)[] = [
    () => writer.write(p('above'), p('some text'), p('below')).at(1, 4),
    () => writer.write(p('above'), p('some text'), p('below')).at(1, 2, 4),
    () => writer.write(p('one', { list: 'task' }), p('two', { list: 'ordered', level: 1 })).at(1, 1),
    () => writer.write(nodes.code_block.create(null, schema.text('code'))).at(0, 2),
    () => writer.write(nodes.callout.create({ kind: 'tip' }, p('careful'))).at(0, 3),
    () => writer.write(p('')).at(0).paste({ html: '<table><tr><td>one</td><td>two</td></tr></table>' }),
    () => {
      writer.write(nodes.image.create({ src: 'https://example.com/x.png' }))
      writer.view.dispatch(writer.state.tr.setSelection(NodeSelection.create(writer.doc, 0)))
      return writer
    },
  ]
  const told = new Set(names.flatMap((name) => keysOf(name).map(inOrder)))
  const bound = new Set<string>()
  for (const place of places) {
    let isFresh = false
    for (const { keys, event } of allKeys()) {
      if (!isFresh) place()
      isFresh = writer.view.dom.dispatchEvent(event)
      if (!isFresh) bound.add(keys)
      document.querySelector('.coscribe-help')?.remove()
    }
  }
  for (const keys of ['Ctrl-b', 'Ctrl-f', 'F3', 'Alt-F9', 'Ctrl-Alt-1']) expect(bound).toContain(keys)
  expect([...bound].filter((keys) => !told.has(keys) && !isSelfEvident(keys))).toEqual([])
})

/** Ctrl-a, and what deletes, enters or leaves with or without Shift or Ctrl. */
function isSelfEvident(keys: string): boolean {
  const bare = keys.replace(/Ctrl-|Shift-/g, '')
  return keys === 'Ctrl-a' || selfEvident.includes(bare)
}

/** Keys with their modifiers in one order. */
function inOrder(keys: string): string {
  const parts = keys.replace('Mod', 'Ctrl').split('-')
  const modifiers = ['Ctrl', 'Alt', 'Shift'].filter((name) => parts.includes(name))
  return [...modifiers, parts.at(-1)].join('-')
}

/** A key as it is by itself and with Shift, and what browsers number it by. */
type Key = readonly [key: string, shifted: string, keyCode: number]

const signs = [',<', '.>', '/?', ';:', '\'"', '[{', ']}', '\\|', '-_', '=+', '`~']
const signCodes = [188, 190, 191, 186, 222, 219, 221, 220, 189, 187, 192]
const named = ['Enter', 'Tab', 'Escape', 'Backspace', 'Delete', 'Insert', 'PageUp', 'PageDown']

const keyboard: readonly Key[] = [
  ...Array.from('abcdefghijklmnopqrstuvwxyz', (key, at): Key => [key, key.toUpperCase(), 65 + at]),
  ...Array.from(')!@#$%^&*(', (shifted, at): Key => [String(at), shifted, 48 + at]),
  ...signs.map(([key = '', shifted = ''], at): Key => [key, shifted, signCodes[at] ?? 0]),
  ...named.map((key): Key => [key, key, 0]),
  ...Array.from({ length: 12 }, (_, at): Key => [`F${at + 1}`, `F${at + 1}`, 112 + at]),
]

/** Every combination of keys that types nothing by itself, as a browser tells of it. */
function allKeys(): { keys: string; event: KeyboardEvent }[] {
  const held = ['', 'Shift-', 'Ctrl-', 'Ctrl-Shift-', 'Alt-', 'Alt-Shift-', 'Ctrl-Alt-', 'Ctrl-Alt-Shift-']
  return held.flatMap((modifiers) =>
    keyboard
      .filter(([key]) => key.length > 1 || /Ctrl|Alt/.test(modifiers))
      .map(([key, shifted, keyCode]) => ({
        keys: modifiers + key,
        event: new KeyboardEvent('keydown', {
          key: modifiers.includes('Shift') ? shifted : key,
          keyCode,
          ctrlKey: modifiers.includes('Ctrl'),
          altKey: modifiers.includes('Alt'),
          shiftKey: modifiers.includes('Shift'),
          bubbles: true,
          cancelable: true,
        }),
      })),
  )
}

test('[E62] the toolbar names the keys of the table', () => {
  const tools = toolGroups(() => true).flat()
  const named = tools.filter((tool) => tool.keys !== undefined)
  expect(named.length).toBeGreaterThan(8)
  for (const { name, keys: shown } of named) {
    expect(isShortcut(name)).toBe(true)
    if (isShortcut(name)) expect(shown).toBe(nameKeys(keysOf(name)[0]))
  }
})
