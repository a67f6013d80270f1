import type { Mark, Node } from 'prosemirror-model'
import { escapeMarkup } from '../html/markup.ts'
import { parseColor, parseMention, schema } from '../schema/index.ts'

/*
 * What Markdown has no sign for is written as the few HTML tags below. These, and no others, are read as HTML;
 * whatever else looks like a tag is text.
 */

/** A tag in Markdown. */
export type InlineTag =
  | { readonly kind: 'open'; readonly name: string; readonly mark: Mark }
  | { readonly kind: 'mention'; readonly name: string; readonly id: string | null }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'comment' }

const { strong, em, strike, underline, subscript, superscript, highlight, text_color, code } = schema.marks

const plain = new Map([
  ['u', underline],
  ['ins', underline],
  ['sub', subscript],
  ['sup', superscript],
  ['b', strong],
  ['strong', strong],
  ['i', em],
  ['em', em],
  ['s', strike],
  ['del', strike],
  ['kbd', code],
  ['code', code],
])

/** Reads what stands between `<` and `>`, both included; null when it is to be text. */
export function readTag(html: string): InlineTag | null {
  if (/^<!--[^]*-->$/.test(html)) return { kind: 'comment' }
  const [, slash, rawName, attributes = ''] = /^<(\/?)([a-z]+)((?:\s[^<>]*)?)\s*>$/i.exec(html) ?? []
  const name = rawName?.toLowerCase()
  if (name === undefined) return null
  if (name === 'br') return { kind: 'break' }
  const isKnown = plain.has(name) || name === 'mark' || name === 'span'
  if (slash === '/') return isKnown ? { kind: 'close', name } : null
  if (name === 'mark') {
    const color = parseColor(attribute(attributes, 'data-color')) ?? 'yellow'
    return { kind: 'open', name, mark: highlight.create({ color }) }
  }
  if (name === 'span') return readSpan(attributes)
  const mark = plain.get(name)
  return mark === undefined ? null : { kind: 'open', name, mark: mark.create() }
}

function readSpan(attributes: string): InlineTag | null {
  const id = attribute(attributes, 'data-mention')
  if (id !== null) return { kind: 'mention', name: 'span', id: id === '' ? null : id }
  const color = parseColor(attribute(attributes, 'data-text-color'))
  return color === null ? null : { kind: 'open', name: 'span', mark: text_color.create({ color }) }
}

function attribute(attributes: string, name: string): string | null {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1]
  return value === undefined ? null : unescape(value)
}

const letters = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&nbsp;', '\u00a0'],
])

function unescape(value: string): string {
  return value.replace(/&(?:amp|lt|gt|quot|nbsp);/g, (name) => letters.get(name) ?? name)
}

/** The tags that stand around what has a mark; null for marks that Markdown has signs for, or nothing. */
export function tagsOf(mark: Mark): readonly [open: string, close: string] | null {
  switch (mark.type) {
    case underline:
      return ['<u>', '</u>']
    case subscript:
      return ['<sub>', '</sub>']
    case superscript:
      return ['<sup>', '</sup>']
    case highlight: {
      const color = parseColor(mark.attrs['color']) ?? 'yellow'
      return [color === 'yellow' ? '<mark>' : `<mark data-color="${color}">`, '</mark>']
    }
    case text_color: {
      const color = parseColor(mark.attrs['color'])
      return color === null ? null : [`<span data-text-color="${color}">`, '</span>']
    }
    default:
      return null
  }
}

/** The tag in front of a mention's text. */
export function mentionTag(node: Node): string {
  const { id } = parseMention(node.attrs)
  // A line end would end the tag's line, and an empty line the paragraph.
  return `<span data-mention="${escapeMarkup((id ?? '').replace(/\s+/g, ' '))}">`
}
