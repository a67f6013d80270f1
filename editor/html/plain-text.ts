import type { Fragment, Node, Slice } from 'prosemirror-model'
import { Numbering } from './numbering.ts'
import { parseImage, parseParagraph, type ParagraphAttrs } from '../schema/index.ts'

/** A selection as plain text: list markers spelled out, a blank line between paragraphs, table cells by tabs. */
export function toPlainText(slice: Slice): string {
  const isPartOfOne = slice.openStart > 0 && slice.content.childCount === 1
  const only = slice.content.firstChild
  if (isPartOfOne && only?.isTextblock === true) return textOf(only)
  return blocksToText(slice.content)
}

function textOf(node: Node): string {
  return node.textBetween(0, node.content.size, '\n')
}

function blocksToText(blocks: Fragment): string {
  const numbering = new Numbering()
  let text = ''
  let wasItem = false
  blocks.forEach((node, _offset, index) => {
    const isParagraph = node.type.name === 'paragraph'
    const attrs = parseParagraph(isParagraph ? node.attrs : {})
    const isItem = attrs.list !== null
    const marker = listMarker(attrs, numbering.next(attrs))
    if (index > 0) text += isItem && wasItem ? '\n' : '\n\n'
    text += marker + blockToText(node)
    wasItem = isItem
  })
  return text
}

function listMarker({ list, level, checked }: ParagraphAttrs, number: number | null): string {
  const indent = '  '.repeat(level ?? 0)
  if (list === null) return indent
  if (number !== null) return `${indent}${number}. `
  return indent + (list === 'task' ? (checked === true ? '[x] ' : '[ ] ') : '- ')
}

function blockToText(node: Node): string {
  if (node.type.name === 'image') return textOf(node) || (parseImage(node.attrs).alt ?? '')
  if (node.isTextblock) return textOf(node)
  if (node.type.name === 'horizontal_rule') return '---'
  if (node.type.name === 'table') return node.children.map(rowToText).join('\n')
  return blocksToText(node.content)
}

function rowToText(row: Node): string {
  return row.children.map((cell) => blocksToText(cell.content).replaceAll('\n', ' ')).join('\t')
}
