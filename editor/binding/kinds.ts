import type { Schema } from 'prosemirror-model'
import type { Marks } from './items.ts'
import { nameOfKey } from './mark-keys.ts'

/** What repairs have to know of the schema. */
export interface Kinds {
  /** Whether an element of this name shows something though it holds nothing: a picture, a rule, a cell. */
  isShownEmpty(name: string): boolean
  /** The same for what says something by itself: an empty cell is nothing without its table. */
  isShownAlone(name: string): boolean
  isTextblock(name: string): boolean
  /** Whether an element may be in another one. */
  mayHold(parent: string, child: string): boolean
  /** What holds the text of such a block when that was deleted knowingly: no picture comes back for its caption. */
  nameForText(name: string): string
  /** What stands for an inline element where there may be only text, code for one; at least one letter. */
  asText(name: string, attributes: Readonly<Record<string, unknown>>): string
  /** The marks that text in such an element can have. */
  marksAllowedIn(name: string, marks: Marks): Marks
}

export function kindsOf(schema: Schema): Kinds {
  const { nodes, marks: known, topNodeType } = schema
  const plain = topNodeType.contentMatch.defaultType?.name
  const isShownEmpty = (name: string): boolean => {
    const type = nodes[name]
    return type === undefined || type.isLeaf || type.spec.draggable === true || type.spec.isolating === true
  }
  return {
    isShownEmpty,
    isShownAlone: (name) => {
      const type = nodes[name]
      const mayStandAlone = type === undefined || topNodeType.contentMatch.matchType(type) !== null
      return isShownEmpty(name) && mayStandAlone
    },
    isTextblock: (name) => nodes[name]?.isTextblock === true,
    mayHold: (parent, child) => {
      const type = nodes[child]
      return type !== undefined && nodes[parent]?.contentMatch.matchType(type) != null
    },
    nameForText: (name) => (isShownEmpty(name) ? (plain ?? name) : name),
    asText: (name, attributes) => {
      const type = nodes[name]
      const text = type?.isInline === true ? type.create(attributes).textContent : ''
      return text === '' ? '\ufffc' : text
    },
    marksAllowedIn: (name, marks) => {
      const allowed = Object.entries(marks).filter(([key]) => {
        const mark = known[nameOfKey(key)]
        return mark === undefined || nodes[name]?.allowsMarkType(mark) !== false
      })
      return Object.fromEntries(allowed)
    },
  }
}
