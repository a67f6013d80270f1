import { html } from 'lit'
import { type Editor, openFind, toggleFocusMode, toggleOutline } from '../index.ts'
import { icons } from './icons.ts'
import { text } from './text.ts'

/** What helps with reading: the outline, finding, and nothing but the text. */
export function readingButtons(editor: () => Editor | null) {
  const button = (name: 'outline' | 'find' | 'focus', press: (editor: Editor) => void) => {
    const run = (): void => {
      const now = editor()
      if (now !== null) press(now)
    }
    const words = text.document[name]
    return html`<button class="icon-button ${name}" title=${words} aria-label=${words} @click=${run}>
      ${icons[name]}
    </button>`
  }
  return html`${button('outline', (now) => now.run(toggleOutline))}
  ${button('find', (now) => now.run(openFind))}
  ${button('focus', (now) => {
    now.run(toggleFocusMode)
    now.focus()
  })}`
}
