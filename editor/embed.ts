import './style.css'
import { defineElement } from './element.ts'

/** What the server hands out as `/editor.js`: one script, and every `<coscribe-editor>` of the page is an editor. */

const script = import.meta.url
const sheet = new URL('editor.css', script).href

/** The text stands in the page itself, so that is where its style sheet belongs. */
function addStyleSheet(): void {
  if ([...document.styleSheets].some(({ href }) => href === sheet)) return
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = sheet
  document.head.append(link)
}

addStyleSheet()
defineElement()

export * from './index.ts'
