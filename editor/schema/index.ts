import { Schema, type NodeSpec } from 'prosemirror-model'
import { paragraphName } from '../../server/protocol/document.ts'
import { unknownBlock, unknownInline } from '../unknown-names.ts'
import { callout } from './callout.ts'
import { codeBlock } from './code-block.ts'
import { image } from './image.ts'
import { marks } from './marks.ts'
import { mention } from './mention.ts'
import { paragraph } from './paragraph.ts'
import { placeholder } from './placeholder.ts'
import { tables } from './table.ts'

/*
 * A schema for merging.
 *
 * 1. There is one node for ordinary text. What it looks like (heading, quote, list item) are attributes, so changing
 *    that is an attribute write, which Yjs merges with typing; changing a node's type would replace its text.
 * 2. Every default is null, which Yjs doesn't store: plain text costs nothing.
 * 3. Content expressions are `*`: no state two people can merge into is invalid, so nothing is ever "repaired" away.
 * 4. Every mark has the constant attribute `v`: y-prosemirror compares attributes only, and would take a mark without
 *    any for whichever mark it replaces (https://github.com/yjs/y-prosemirror/pull/198).
 * 5. Attribute values come from other people: whatever renders or decides reads them with a parser. Where a library
 *    reads them (tables), the node's spec has the parser as `readAttrs`, and `isSound` says whether a node may be made.
 */

const nodes = {
  doc: { content: 'block*' },
  [paragraphName]: paragraph,
  code_block: codeBlock,
  image,
  callout,
  horizontal_rule: { group: 'block', parseDOM: [{ tag: 'hr' }], toDOM: () => ['hr'] },
  ...tables,
  hard_break: {
    inline: true,
    group: 'inline',
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: 'br' }],
    toDOM: () => ['br'],
    leafText: () => '\n',
  },
  mention,
  text: { group: 'inline' },
  [unknownBlock]: { ...placeholder('div'), group: 'block', draggable: true },
  [unknownInline]: { ...placeholder('span'), group: 'inline', inline: true },
} satisfies Record<string, NodeSpec>

/** The schema of version `schemaVersion`: what the editor reads and writes, and the server checks imports with. */
export const schema = new Schema({ nodes, marks })
export type CoscribeSchema = typeof schema

const known = new WeakSet<Schema>([schema])

function isOurs(candidate: Schema<string, string>): candidate is CoscribeSchema {
  const { nodes, marks } = schema
  const hasAll =
    Object.keys(nodes).every((name) => candidate.nodes[name] !== undefined) &&
    Object.keys(marks).every((name) => candidate.marks[name] !== undefined)
  if (hasAll) known.add(candidate)
  return hasAll
}

/**
 * The schema that a state, or a node's type, belongs to: nodes for it are made by this one, as extensions make another
 * one of ours. Throws a TypeError when it lacks nodes or marks of ours.
 */
export function schemaOf({ schema: candidate }: { readonly schema: Schema<string, string> }): CoscribeSchema {
  if (known.has(candidate) || isOurs(candidate)) return candidate
  throw new TypeError('This editor’s schema lacks nodes or marks of Coscribe’s: take them from its `schema`')
}

export { calloutKinds, parseCallout, type CalloutKind } from './callout.ts'
export { mathLanguage, parseLanguage } from './code-block.ts'
export { isElement } from './element.ts'
export {
  imageAlignments,
  imageElement,
  imageWidths,
  parseImage,
  type ImageAlignment,
  type ImageAttrs,
} from './image.ts'
export { parseMention, type MentionAttrs } from './mention.ts'
export { paletteColors, parseColor, type PaletteColor } from './palette.ts'
export {
  alignments,
  listKinds,
  maxLevel,
  paragraphFromElement,
  parseParagraph,
  parseStyle,
  plainParagraph,
  tagOfStyle,
  textStyles,
  type Alignment,
  type ListKind,
  type ParagraphAttrs,
  type TextStyle,
} from './paragraph.ts'
export {
  clampColumnWidth,
  columnWidths,
  isTableSound,
  parseCell,
  tableLimits,
  type CellAttrs,
} from './table.ts'
