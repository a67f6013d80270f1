import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, type Transaction } from 'prosemirror-state'
import { DecorationSet, type EditorView } from 'prosemirror-view'
import { mathLanguage, parseLanguage } from '../schema/index.ts'
import type { highlightCode } from './grammars.ts'
import { changedBlocks, type PlacedBlock } from './changed-blocks.ts'

/** Longer code is left plain, in UTF-16 units: it is coloured anew with every key pressed in it. */
const longestCode = 20_000

type Highlight = typeof highlightCode

interface Colours {
  readonly set: DecorationSet
  /** Some code has not its colours yet: they are being fetched, or an input method is at work in it. */
  readonly isStale: boolean
}

const highlightKey = new PluginKey<Colours>('coscribe-highlight')

let highlight: Highlight | null = null

function languageOf(node: Node): string | null {
  if (node.type.name !== 'code_block' || node.content.size > longestCode) return null
  const language = parseLanguage(node.attrs['language'])
  return language === mathLanguage ? null : language
}

const isCode = (node: Node): boolean => node.type.name === 'code_block'

function findCode(doc: Node): PlacedBlock[] {
  const blocks: PlacedBlock[] = []
  doc.descendants((node, position) => {
    if (isCode(node)) blocks.push({ node, position })
    return !node.isTextblock
  })
  return blocks
}

function colour({ set, isStale }: Colours, doc: Node, blocks: readonly PlacedBlock[]): Colours {
  let next = set
  let isWanting = isStale
  for (const { node, position } of blocks) {
    const language = languageOf(node)
    next = next.remove(next.find(position, position + node.nodeSize))
    if (language !== null && highlight !== null)
      next = next.add(doc, highlight({ language, content: node.textContent, position }))
    else isWanting ||= language !== null
  }
  return { set: next, isStale: isWanting }
}

function colourAll(doc: Node): Colours {
  return colour({ set: DecorationSet.empty, isStale: false }, doc, findCode(doc))
}

function nextColours(tr: Transaction, { set, isStale }: Colours): Colours {
  if (tr.getMeta(highlightKey) === 'all') return colourAll(tr.doc)
  if (!tr.docChanged) return { set, isStale }
  const mapped = set.map(tr.mapping, tr.doc)
  const blocks = changedBlocks(tr, isCode)
  if (blocks.length > 0 && tr.getMeta('composition') !== undefined) return { set: mapped, isStale: true }
  return colour({ set: mapped, isStale }, tr.doc, blocks)
}

/** Colours code by its language. A change colours its own block anew, no other. */
export function codeColours(): Plugin<Colours> {
  return new Plugin<Colours>({
    key: highlightKey,
    state: { init: (_, { doc }) => colourAll(doc), apply: nextColours },
    props: {
      decorations: (state) => highlightKey.getState(state)?.set,
      handleDOMEvents: { compositionend: refreshLater },
    },
    view: (view) => {
      fetchFor(view)
      return { update: fetchFor }
    },
  })
}

function refreshLater(view: EditorView): false {
  setTimeout(() => {
    if (!view.isDestroyed && highlightKey.getState(view.state)?.isStale === true && !view.composing)
      refresh(view)
  }, 50)
  return false
}

function refresh(view: EditorView): void {
  view.dispatch(view.state.tr.setMeta(highlightKey, 'all').setMeta('addToHistory', false))
}

/** Views that wait for the grammars. */
const waiting = new Set<EditorView>()

function fetchFor(view: EditorView): void {
  if (highlight !== null || waiting.has(view) || highlightKey.getState(view.state)?.isStale !== true) return
  waiting.add(view)
  void import('./grammars.ts').then(
    (grammars) => {
      highlight = grammars.highlightCode
      waiting.delete(view)
      if (!view.isDestroyed) refresh(view)
    },
    // Code stays plain; the next change tries again.
    () => waiting.delete(view),
  )
}
