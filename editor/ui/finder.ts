import type { Node } from 'prosemirror-model'
import type { EditorState } from 'prosemirror-state'
import { matchesIn, patternOf, type Groups, type Query } from '../reading/pattern.ts'
import type { Match } from './found.ts'
import { MatchThread } from './match-thread.ts'

/** More are neither counted nor highlighted. */
export const maxMatches = 5000

interface Block {
  readonly node: Node
  /** Where its text begins. */
  readonly start: number
}

/** Searches documents for one query after the other; a block that hasn't changed is searched once for each. */
export class Finder {
  readonly #thread = new MatchThread()
  #query: Query | null = null
  #pattern: RegExp | null = null
  #known = new WeakMap<Node, readonly Groups[]>()

  /** Null when it is empty or no expression. */
  get pattern(): RegExp | null {
    return this.#pattern
  }

  setQuery(query: Query): void {
    this.#query = query
    this.#pattern = patternOf(query)
    this.#known = new WeakMap()
    this.#thread.close()
  }

  /**
   * The matches in a state's document, at most `limit`, in their order; null when another query was set meanwhile.
   * Rejects with a `MatchError`.
   */
  async find({ doc }: EditorState, limit = maxMatches): Promise<readonly Match[] | null> {
    const [query, pattern, known] = [this.#query, this.#pattern, this.#known]
    if (query === null || pattern === null) return []
    const blocks = textblocks(doc)
    const unknown = blocks.filter(({ node }) => !known.has(node))
    const texts = unknown.map(({ node }) => textOf(node))
    const task = { source: pattern.source, flags: pattern.flags, texts, limit }
    const found =
      query.isRegExp && texts.length > 0
        ? await this.#thread.run(task)
        : texts.map((text) => matchesIn(pattern, text, limit))
    if (this.#known !== known) return null
    unknown.forEach(({ node }, index) => known.set(node, found[index] ?? []))
    return collect(blocks, known, limit)
  }

  close(): void {
    this.#thread.close()
  }
}

function textblocks(doc: Node): Block[] {
  const blocks: Block[] = []
  doc.descendants((node, position) => {
    if (node.isTextblock && node.content.size > 0) blocks.push({ node, start: position + 1 })
    return !node.isTextblock
  })
  return blocks
}

/** A letter for each position: what is no text counts as one that nobody looks for. */
function textOf(node: Node): string {
  return node.textBetween(0, node.content.size, '', '\ufffc')
}

function collect(blocks: readonly Block[], known: WeakMap<Node, readonly Groups[]>, limit: number): Match[] {
  const matches: Match[] = []
  for (const { node, start } of blocks) {
    for (const groups of known.get(node) ?? []) {
      const [whole] = groups
      if (matches.length >= limit) return matches
      if (whole != null) matches.push({ from: start + whole[0], to: start + whole[1], groups })
    }
  }
  return matches
}
