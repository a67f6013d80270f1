import * as Y from 'yjs'
import { fragmentName } from './protocol/document.ts'

/**
 * Makes every address in the document that begins with `from` begin with `to`, in attributes of blocks and in marks.
 * For a document that nobody else has yet: what others write meanwhile is not looked at.
 */
export function moveAddresses(doc: Y.Doc, from: string, to: string): void {
  if (!doc.share.has(fragmentName)) return
  const moved = (value: unknown) =>
    typeof value === 'string' && value.startsWith(from) ? to + value.slice(from.length) : null
  doc.transact(() => {
    for (const type of doc.getXmlFragment(fragmentName).createTreeWalker(() => true)) {
      if (type instanceof Y.XmlElement) moveInElement(type, moved)
      else if (type instanceof Y.XmlText) moveInText(type, moved)
    }
  })
}

type Move = (value: unknown) => string | null

function moveInElement(element: Y.XmlElement, moved: Move): void {
  for (const [name, value] of Object.entries(element.getAttributes())) {
    const address = moved(value)
    if (address !== null) element.setAttribute(name, address)
  }
}

function moveInText(text: Y.XmlText, moved: Move): void {
  let at = 0
  const parts = text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]
  for (const { insert, attributes = {} } of parts) {
    const length = typeof insert === 'string' ? insert.length : 1
    for (const [mark, value] of Object.entries(attributes)) {
      const change = changeOf(value, moved)
      if (change !== null) text.format(at, length, { [mark]: change })
    }
    at += length
  }
}

/** The attributes of a mark with their addresses moved; null when there are none. */
function changeOf(value: unknown, moved: Move): object | null {
  if (typeof value !== 'object' || value === null) return null
  const changes = Object.entries(value).flatMap(([name, part]) => {
    const address = moved(part)
    return address === null ? [] : [[name, address] as const]
  })
  return changes.length === 0 ? null : { ...value, ...Object.fromEntries(changes) }
}
