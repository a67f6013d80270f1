// @vitest-environment jsdom
import { expect, test } from 'vitest'
import {
  isShortcut,
  keyNames,
  keysOf,
  nameKeys,
  shortcutGroups,
  type Shortcut,
} from '../plugins/shortcuts.ts'
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
const needsMore: readonly Shortcut[] = ['outdent', 'undo', 'redo', 'openLink', 'blockMenu']

test('[E62] the toolbar names the keys of the table', () => {
  const tools = toolGroups(() => true).flat()
  const named = tools.filter((tool) => tool.keys !== undefined)
  expect(named.length).toBeGreaterThan(8)
  for (const { name, keys: shown } of named) {
    expect(isShortcut(name)).toBe(true)
    if (isShortcut(name)) expect(shown).toBe(nameKeys(keysOf(name)[0]))
  }
})
