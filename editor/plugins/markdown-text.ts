import { Slice, type Node } from 'prosemirror-model'
import type { EditorState } from 'prosemirror-state'
import { isPlain } from '../commands/blocks.ts'
import { ConversionError } from '../convert/conversion-error.ts'
import { fromJson } from '../convert/json.ts'
import { fromMarkdown, toMarkdown } from '../convert/markdown.ts'
import { parseParagraph } from '../schema/index.ts'
import { parseTabbed } from './tabbed-text.ts'

/* Markdown on the clipboard. Loaded when somebody is about to write. */

/** Longer text is pasted as it stands: reading it would keep the page from answering. */
const maxLength = 200_000

/** What pasted text means that clearly is Markdown; null for all other text. */
export function readMarkdownText(text: string, state: EditorState): Slice | null {
  if (text.length > maxLength || !isMarkdown(text) || parseTabbed(text, true) !== null) return null
  try {
    // In the schema of the state, which a host may have extended.
    return toSlice(state.schema.nodeFromJSON(fromMarkdown(text).toJSON()), state)
  } catch (error) {
    if (error instanceof ConversionError) return null
    throw error
  }
}

/** Several blocks as Markdown; null for what is better copied as its text: a piece of one block, code, cells. */
export function writeMarkdownText({ content }: Slice): string | null {
  const isBlocks = content.childCount > 1 && content.content.every(({ type }) => type.isInGroup('block'))
  if (!isBlocks) return null
  return toMarkdown(fromJson(content.toJSON())).replace(/\n$/, '')
}

/** Open where a line of plain text goes on in the line it is pasted into, or where an empty line takes on its look. */
function toSlice({ content }: Node, { selection }: EditorState): Slice {
  const isEmptyPlace = selection.empty && selection.$from.parent.content.size === 0
  const isOpen = (node: Node | null, isAnyLook: boolean): boolean =>
    node?.type.name === 'paragraph' && (isAnyLook || isPlain(parseParagraph(node.attrs)))
  const openStart = isOpen(content.firstChild, isEmptyPlace) ? 1 : 0
  const openEnd = isOpen(content.lastChild, true) ? 1 : 0
  return new Slice(content, openStart, openEnd)
}

const item = /^\s*([-*]|\d{1,9}[.)])[ \t]+\S/
const task = /^\s*[-*+] \[[ xX]\] \S/
const fence = /^ {0,3}(`{3,}|~{3,})/
const closingFence = /^ {0,3}(`{3,}|~{3,})\s*$/
const heading = /^#{1,6} \S/
const delimiters = /^\s*\|?(\s*:?-{2,}:?\s*\|)+(\s*:?-{2,}:?\s*)?$/
const link = /\[[^\]\n]{1,500}\]\(https?:\/\/[^\s)]{1,2000}\)/

/**
 * Whether text was meant as Markdown: several lines with a sign that hardly anything else has. Doubtful text is not,
 * since text that stays as it is can still be turned into what was meant.
 */
export function isMarkdown(text: string): boolean {
  const lines = text.split(/\r\n?|\n/)
  const written = lines.filter((line) => line.trim() !== '')
  if (written.length < 2) return false
  const isTable = lines.some((line, at) => delimiters.test(line) && lines[at - 1]?.includes('|') === true)
  if (isTable || hasFence(lines) || written.some((line) => task.test(line))) return true
  if (isCode(written)) return false
  return link.test(text) || hasHeading(lines) || isList(written)
}

function hasFence(lines: readonly string[]): boolean {
  const opening = lines.findIndex((line) => fence.test(line))
  return opening !== -1 && lines.slice(opening + 1).some((line) => closingFence.test(line))
}

/** Comments of many languages look like headings. */
function isCode(written: readonly string[]): boolean {
  const ends = written.filter((line) => /[;{}]\s*$/.test(line))
  return written[0]?.startsWith('#!') === true || ends.length >= 2
}

/** A heading stands by itself, or right above a list. */
function hasHeading(lines: readonly string[]): boolean {
  return lines.some((line, at) => {
    const after = lines[at + 1] ?? ''
    const isApart = (lines[at - 1] ?? '').trim() === '' && (after.trim() === '' || item.test(after))
    return isApart && heading.test(line)
  })
}

/** At least two items of one kind, and no more other lines than items. */
function isList(written: readonly string[]): boolean {
  const markers = written.flatMap((line) => item.exec(line)?.[1] ?? [])
  const kinds = new Set(markers.map((marker) => (/\d/.test(marker) ? '1' : marker)))
  return markers.length >= 2 && kinds.size <= 2 && markers.length * 2 >= written.length
}
