import { common, createLowlight } from 'lowlight'
import { createParser } from 'prosemirror-highlight/lowlight'
import type { Decoration } from 'prosemirror-view'

/*
 * The grammars of all languages that are offered: large, and fetched only where there is code in one of them.
 */

const lowlight = createLowlight(common)
const parse = createParser(lowlight)

/** Code, and where its block starts. */
export interface PlacedCode {
  readonly language: string
  readonly content: string
  readonly position: number
}

/** Decorations that colour code; none for a language without a grammar. */
export function highlightCode({ language, content, position }: PlacedCode): Decoration[] {
  if (!lowlight.registered(language)) return []
  const made = parse({ content, language, pos: position, size: content.length + 2 })
  return Array.isArray(made) ? made : []
}
