import type { Node } from 'prosemirror-model'

/** How long a text is. */
export interface Count {
  /** As the languages of the text have words; in Chinese and Japanese, too, which put no spaces between them. */
  readonly words: number
  /** As people see them: an emoji or a letter with accents is one. Line ends don't count. */
  readonly characters: number
}

const none: Count = { words: 0, characters: 0 }
const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
const letterSegmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Without any of these a text has as many characters as code units, and its words stand between spaces. */
const simple = /^[\u0020-\u007e\u00a0-\u02af]*$/
const simpleWord =
  /[0-9A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af]+(?:['.,][0-9A-Za-z\u00c0-\u02af]+)*/g

const counted = new WeakMap<Node, Count>()

/** Counts a text. */
export function countText(text: string): Count {
  if (text === '') return none
  if (simple.test(text)) return { words: text.match(simpleWord)?.length ?? 0, characters: text.length }
  let words = 0
  for (const { isWordLike } of wordSegmenter.segment(text)) if (isWordLike === true) words++
  let characters = 0
  for (const { segment } of letterSegmenter.segment(text)) if (segment !== '\n') characters++
  return { words, characters }
}

/** Counts a document, or the part of it between two positions. Blocks that haven't changed are not counted again. */
export function countDocument(doc: Node, from = 0, to = doc.content.size): Count {
  let total = none
  doc.nodesBetween(from, to, (node, position) => {
    if (!node.isTextblock) return true
    const start = Math.max(0, from - position - 1)
    const end = Math.min(node.content.size, to - position - 1)
    if (start >= end) return false
    const isWhole = start === 0 && end === node.content.size
    total = add(total, isWhole ? countBlock(node) : countText(textOf(node, start, end)))
    return false
  })
  return total
}

function countBlock(node: Node): Count {
  const known = counted.get(node)
  if (known !== undefined) return known
  const count = countText(textOf(node, 0, node.content.size))
  counted.set(node, count)
  return count
}

const textOf = (node: Node, from: number, to: number): string => node.textBetween(from, to, '', '\n')

function add(a: Count, b: Count): Count {
  return { words: a.words + b.words, characters: a.characters + b.characters }
}
