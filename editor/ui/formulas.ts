import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import { formulasIn, openFormula, type FormulaRange } from '../commands/math.ts'
import { laterView } from '../plugins/later-view.ts'
import { changedBlocks, type PlacedBlock } from '../plugins/changed-blocks.ts'
import { mathLanguage, parseLanguage } from '../schema/index.ts'

/*
 * A formula in a line is marked text. It is shown as it is meant, its source hidden, except where the caret is: there the
 * source stands, and what it means below it.
 */

/** What stands in the place of every formula; the open one's is left out when drawing. */
const formulasKey = new PluginKey<DecorationSet>('coscribe-formulas')

const canHaveFormulas = (node: Node): boolean => node.isTextblock && node.type.name !== 'code_block'

function drawClosed({ from, to, tex }: FormulaRange): Decoration[] {
  const draw = (view: EditorView): HTMLElement => {
    const element = view.dom.ownerDocument.createElement('span')
    element.className = 'coscribe-math'
    element.contentEditable = 'false'
    element.textContent = tex
    void import('./formula.ts').then(
      ({ drawFormula }) => drawFormula(element, { tex, isBlock: false }),
      ignore,
    )
    return element
  }
  return [
    // After the source: a caret that has left the formula stands beside something that can be seen.
    Decoration.widget(to, draw, { side: -1, key: `formula ${tex}`, marks: [], ignoreSelection: true }),
    Decoration.inline(from, to, { class: 'coscribe-math-hidden' }),
  ]
}

function drawBlocks(set: DecorationSet, doc: Node, blocks: readonly PlacedBlock[]): DecorationSet {
  let next = set
  for (const { node, position } of blocks) {
    const old = next.find(position, position + node.nodeSize)
    const formulas = formulasIn(node, position + 1)
    if (old.length === 0 && formulas.length === 0) continue
    next = next.remove(old).add(doc, formulas.flatMap(drawClosed))
  }
  return next
}

function drawAll(doc: Node): DecorationSet {
  const blocks: PlacedBlock[] = []
  doc.descendants((node, position) => {
    if (canHaveFormulas(node)) blocks.push({ node, position })
    return !node.isTextblock
  })
  return drawBlocks(DecorationSet.empty, doc, blocks)
}

function nextFormulas(tr: Transaction, set: DecorationSet): DecorationSet {
  if (!tr.docChanged) return set
  return drawBlocks(set.map(tr.mapping, tr.doc), tr.doc, changedBlocks(tr, canHaveFormulas))
}

function isFormulaBlock(node: Node | null | undefined): boolean {
  return node?.type.name === 'code_block' && parseLanguage(node.attrs['language']) === mathLanguage
}

function decorations(state: EditorState): DecorationSet {
  const set = formulasKey.getState(state) ?? DecorationSet.empty
  const { $from } = state.selection
  if ($from.parent.type.name === 'code_block') {
    const block = Decoration.node($from.before(), $from.after(), { class: 'coscribe-open' })
    return set.add(state.doc, [block])
  }
  const open = openFormula(state)
  if (open === null) return set
  const shown = Decoration.inline(open.from, open.to, { class: 'coscribe-math-source' })
  return set.remove(set.find(open.from, open.to)).add(state.doc, [shown])
}

/** Arrow keys go into a formula that is drawn: the browser would pass by its hidden source. */
function enterBlock(view: EditorView, { key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  const direction = arrows.get(key)
  const { empty, $head } = view.state.selection
  if (direction === undefined || shiftKey || altKey || ctrlKey || metaKey) return false
  if (!empty || $head.depth === 0 || !view.endOfTextblock(direction.name)) return false
  const $edge = view.state.doc.resolve(direction.step < 0 ? $head.before() : $head.after())
  const beside = direction.step < 0 ? $edge.nodeBefore : $edge.nodeAfter
  if (!isFormulaBlock(beside)) return false
  const position = $edge.pos + direction.step
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, position)).scrollIntoView())
  return true
}

interface Arrow {
  readonly name: 'up' | 'down' | 'left' | 'right'
  readonly step: 1 | -1
}

const arrows: ReadonlyMap<string, Arrow> = new Map<string, Arrow>([
  ['ArrowUp', { name: 'up', step: -1 }],
  ['ArrowLeft', { name: 'left', step: -1 }],
  ['ArrowDown', { name: 'down', step: 1 }],
  ['ArrowRight', { name: 'right', step: 1 }],
])

/** A press on a drawn formula puts the caret at the end of its source. */
function openPressed(view: EditorView, event: MouseEvent): boolean {
  const drawing = event.target instanceof Element ? event.target.closest('.coscribe-math') : null
  if (drawing === null || !view.editable || event.button !== 0) return false
  const from = view.posAtDOM(drawing, 0)
  const $from = view.state.doc.resolve(from)
  const formula = formulasIn($from.parent, $from.start()).find(
    (range) => range.from <= from && from <= range.to,
  )
  if (formula === undefined) return false
  event.preventDefault()
  const at = TextSelection.create(view.state.doc, formula.to)
  view.dispatch(view.state.tr.setSelection(at).setStoredMarks(null))
  view.focus()
  return true
}

/** Shows formulas as they are meant; fetches what draws them when there is one. */
export function formulas(): Plugin<DecorationSet> {
  return new Plugin<DecorationSet>({
    key: formulasKey,
    state: { init: (_, { doc }) => drawAll(doc), apply: nextFormulas },
    props: {
      decorations,
      handleKeyDown: enterBlock,
      handleDOMEvents: { mousedown: openPressed },
    },
    view: preview,
  })
}

/** What the formula at the caret means, once there was one. */
const preview = laterView({
  isNeeded: ({ state }) => openFormula(state) !== null,
  load: async () => {
    const { FormulaPreview } = await import('./formula-preview.ts')
    return (view) => new FormulaPreview(view)
  },
})

/** What could not be fetched leaves a formula as its source. */
function ignore(): void {
  return
}
