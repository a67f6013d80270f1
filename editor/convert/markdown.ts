import {
  fromMarkdown as parseTree,
  type Extension,
  type Options as ReadingOptions,
} from 'mdast-util-from-markdown'
import { gfmFromMarkdown, gfmToMarkdown } from 'mdast-util-gfm'
import { mathFromMarkdown, mathToMarkdown } from 'mdast-util-math'
import { defaultHandlers, toMarkdown as printTree, type Handle, type Options } from 'mdast-util-to-markdown'
import { gfm } from 'micromark-extension-gfm'
import { math } from 'micromark-extension-math'
import type { Heading, Root } from 'mdast'
import type { Node } from 'prosemirror-model'
import { ConversionError } from './conversion-error.ts'
import { readRoot } from './read-mdast.ts'
import { writeRoot } from './write-mdast.ts'

/**
 * The document as Markdown (GitHub's, with formulas). What Markdown has no sign for is written as a few inline HTML
 * tags; what it can't say at all is left out, as `write-mdast.ts` lists.
 */
export function toMarkdown(doc: Node): string {
  return printTree(writeRoot(doc), printing)
}

/**
 * A document from anybody's Markdown. Of HTML only the inline tags of `inline-tags.ts` count; the rest is text. Throws
 * a `ConversionError` when quotes or lists are nested too deep.
 */
export function fromMarkdown(text: string): Node {
  const plain = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const [front = '', header] = /^---[ \t]*\n([^]*?)\n---[ \t]*(?:\n|$)/.exec(plain) ?? []
  const body = plain.slice(front.length)
  return readRoot(parse(body), body, header)
}

function parse(text: string): Root {
  try {
    return parseTree(text, reading)
  } catch (error) {
    if (error instanceof RangeError)
      throw new ConversionError('too-deep', 'quotes and lists are nested too deep')
    throw error
  }
}

/** They would make links of addresses that were written so as not to be any. */
const withoutTransforms = (extension: Extension): Extension => ({ ...extension, transforms: [] })

const reading: ReadingOptions = {
  // Blocks of HTML are lines of text like others, so that one rule holds for all tags.
  extensions: [gfm(), math(), { disable: { null: ['htmlFlow'] } }],
  mdastExtensions: [...gfmFromMarkdown().map(withoutTransforms), mathFromMarkdown()],
}

/** A heading in the way that leaves a sign of itself: see `write-mdast.ts`. */
const writeHeading: Handle = (node: Heading, parent, state, info) => {
  if (node.data?.isUnderlined !== true || node.children.length === 0)
    return defaultHandlers.heading(node, parent, state, info)
  const exits = [state.enter('headingSetext'), state.enter('phrasing')]
  const place = state.createTracker(info).current()
  const line = state.containerPhrasing(node, { ...place, before: '\n', after: '\n' })
  for (const exit of exits.reverse()) exit()
  return `${line}\n${'='.repeat(Math.max(3, line.length))}`
}

const printing: Options = {
  bullet: '-',
  bulletOther: '*',
  // Dashes at the very start would begin a header.
  rule: '*',
  emphasis: '*',
  listItemIndent: 'one',
  resourceLink: false,
  extensions: [
    gfmToMarkdown(),
    mathToMarkdown(),
    // These letters alone begin an address, whatever comes after them.
    { unsafe: [{ character: '.', before: '[Ww]{3}', inConstruct: 'phrasing' }] },
  ],
  handlers: { heading: writeHeading },
}
