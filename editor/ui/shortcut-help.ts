import { html, render } from 'lit'
import type { EditorView } from 'prosemirror-view'
import {
  isShortcut,
  keyNames,
  keysOf,
  shortcutGroups,
  type Shortcut,
  type ShortcutGroup,
} from '../plugins/shortcuts.ts'
import { chromeOf, frameOf } from './chrome.ts'
import { iconButton } from './icon-button.ts'
import { laterText } from './later-text.ts'
import { text } from './text.ts'

/** What the help calls a thing that keys do. */
export function nameOf(shortcut: Shortcut): string {
  const { styles } = text
  const { shortcuts } = laterText
  if (shortcut in shortcuts) return String(Reflect.get(shortcuts, shortcut))
  if (shortcut !== 'code' && shortcut in styles) return String(Reflect.get(styles, shortcut))
  return String(Reflect.get(text, shortcut))
}

interface Row {
  readonly name: string
  readonly keys: readonly string[]
}

const typed: readonly Row[] = [
  { name: laterText.insert.menu, keys: ['/'] },
  { name: laterText.mentions.menu, keys: ['@'] },
  { name: laterText.emojis.menu, keys: [':'] },
]

const groups: readonly ShortcutGroup[] = ['text', 'blocks', 'editor']

function rowsOf(group: ShortcutGroup): Row[] {
  return Object.keys(shortcutGroups[group])
    .filter(isShortcut)
    .map((name) => ({ name: nameOf(name), keys: keysOf(name) }))
}

function row({ name, keys }: Row) {
  const combination = (keysOfOne: string, index: number) => {
    const names = keyNames(keysOfOne).map((key) => html`<kbd>${key}</kbd>`)
    return html`${index > 0 ? html`<span class="coscribe-help-or">,</span>` : ''}<span>${names}</span>`
  }
  return html`<div>
    <dt>${name}</dt>
    <dd>${keys.map(combination)}</dd>
  </div>`
}

function section(heading: string, rows: readonly Row[]) {
  return html`<section>
    <h3>${heading}</h3>
    <dl>${rows.map(row)}</dl>
  </section>`
}

/** Shows every shortcut in a dialog; the focus goes back to the text when it is closed. */
export function showHelp(view: EditorView): void {
  const root = frameOf(view.dom) ?? chromeOf(view)
  if (root.querySelector('.coscribe-help') !== null) return
  const dialog = view.dom.ownerDocument.createElement('dialog')
  dialog.className = 'coscribe-help'
  dialog.setAttribute('part', 'help')
  dialog.setAttribute('aria-label', text.help)
  const { groups: headings } = laterText.shortcuts
  render(
    html`<header>
        <h2>${text.help}</h2>
        ${iconButton({ icon: 'close', label: laterText.shortcuts.close, press: () => dialog.close() })}
      </header>
      <div class="coscribe-help-groups" tabindex="0" role="group" aria-label=${text.help}>
        ${groups.map((group) => section(headings[group], rowsOf(group)))}${section(headings.typed, typed)}
      </div>`,
    dialog,
  )
  dialog.addEventListener('close', () => {
    dialog.remove()
    view.focus()
  })
  // A press beside the dialog lands on the dialog itself.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  root.append(dialog)
  dialog.showModal()
}
