import { isElement } from '../schema/index.ts'

const voids = new Set(['br', 'hr', 'img', 'input', 'meta', 'col'])

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\u00a0': '&nbsp;',
}

/** Text that no parser takes for markup, inside an element or a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"\u00a0]/g, (letter) => escapes[letter] ?? letter)
}

/**
 * The children of a node as HTML. Done by ourselves, because the DOM on the server leaves `&` in attributes as it is,
 * so that an address which is harmless in the document would be another one in the page.
 */
export function toMarkup(parent: globalThis.Node): string {
  return [...parent.childNodes].map(nodeToMarkup).join('')
}

function nodeToMarkup(node: globalThis.Node): string {
  if (!isElement(node)) return escapeMarkup(node.textContent ?? '')
  const name = node.localName.toLowerCase()
  const attributes = [...node.attributes].map(({ name: key, value }) => ` ${key}="${escapeMarkup(value)}"`)
  const opening = `<${name}${attributes.join('')}>`
  // The parser drops a line end right after this tag.
  const gap = name === 'pre' ? '\n' : ''
  return voids.has(name) ? opening : `${opening}${gap}${toMarkup(node)}</${name}>`
}
