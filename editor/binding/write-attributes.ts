import type { Node } from 'prosemirror-model'
import type * as Y from 'yjs'
import { isEqual } from './write-text.ts'

export function writeAttributes(element: Y.XmlElement, node: Node, shown: Node | Node[] | undefined): void {
  const before = shown === undefined || Array.isArray(shown) ? null : shown.attrs
  const stored: Readonly<Record<string, unknown>> = element.getAttributes()
  for (const [name, value] of Object.entries(node.attrs)) {
    if (before !== null && isEqual(before[name], value)) continue
    if (isEqual(stored[name] ?? null, value)) continue
    setAttribute(element, name, value)
  }
}

/** Yjs keeps any JSON as an attribute, whatever its default type says. */
type AnyElement = Y.XmlElement<Record<string, Stored>>
type Stored = string | number | boolean | object

export function isStored(value: unknown): value is Stored {
  return ['string', 'number', 'boolean', 'object'].includes(typeof value) && value !== null
}

export function setAttribute(element: Y.XmlElement, name: string, value: unknown): void {
  const any: AnyElement = element
  if (isStored(value)) any.setAttribute(name, value)
  else element.removeAttribute(name)
}
