import * as Y from 'yjs'
import { attributesOf, elementOf, itemsOf, typeOf, type WasAlive } from './items.ts'
import { setAttribute } from './write-attributes.ts'

/** An inline thing as it was, to make it again when Yjs has forgotten it. */
export interface ElementCopy {
  readonly name: string
  readonly attributes: readonly (readonly [string, unknown])[]
  readonly children: readonly (ElementCopy | string)[]
}

export function readElement(element: Y.XmlElement, wasAlive: WasAlive): ElementCopy {
  const children = [...itemsOf(element)].flatMap((item): (ElementCopy | string)[] => {
    if (!wasAlive(item)) return []
    const [type, inner] = [typeOf(item), elementOf(item)]
    if (type instanceof Y.XmlText) return [readText(type, wasAlive)]
    return inner === null ? [] : [readElement(inner, wasAlive)]
  })
  return { name: element.nodeName, attributes: attributesOf(element, wasAlive), children }
}

function readText(text: Y.XmlText, wasAlive: WasAlive): string {
  const strings = [...itemsOf(text)].map((item) =>
    wasAlive(item) && item.content instanceof Y.ContentString ? item.content.str : '',
  )
  return strings.join('')
}

export function makeElement({ name, attributes, children }: ElementCopy): Y.XmlElement {
  const element = new Y.XmlElement(name)
  for (const [key, value] of attributes) setAttribute(element, key, value)
  element.insert(
    0,
    children.map((child) => (typeof child === 'string' ? new Y.XmlText(child) : makeElement(child))),
  )
  return element
}
