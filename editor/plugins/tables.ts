import { Fragment, Slice, type Node } from 'prosemirror-model'
import { Plugin, PluginKey, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { isFromYjs, undoneApart } from '../binding/binding.ts'
import { isInTable } from '../commands/insert-table.ts'
import { isTableSound, schemaOf } from '../schema/index.ts'
import { changedBlocks } from './changed-blocks.ts'
import { later } from './later.ts'
import { parseTabbed, toTable } from './tabbed-text.ts'

let makeEditing: (() => Plugin[]) | null = null

/** Fetches what selects and edits cells; editors made afterwards have it from the start. */
export async function loadTableEditing(): Promise<() => Plugin[]> {
  const { tableEditingPlugins } = await import('./table-editing.ts')
  return (makeEditing = tableEditingPlugins)
}

/** Tables: what cells always need, and the rest of it once the document has a table. */
export function tables(): Plugin[] {
  const editing = makeEditing === null ? editingLater() : makeEditing()
  return [...editing, cellWriting(), pastedTables()]
}

const hasTable = new PluginKey<boolean>('coscribe-has-table')

/** Most documents have no table, and what edits one is a tenth of all the code there is. */
function editingLater(): Plugin[] {
  const noticing = new Plugin<boolean>({
    key: hasTable,
    state: {
      init: (_config, { doc }) => isAnyTable(doc),
      apply: (tr, has) => has || (tr.docChanged && changedBlocks(tr, isTable).length > 0),
    },
  })
  const load = async (): Promise<Plugin[]> => (await loadTableEditing())()
  return [noticing, later({ load, isNeeded: (state) => hasTable.getState(state) === true })]
}

function isAnyTable(node: Node): boolean {
  return node.children.some((child) => isTable(child) || (!child.isTextblock && isAnyTable(child)))
}

const isCell = ({ type }: Node): boolean => type.name === 'table_cell' || type.name === 'table_header'
const isTable = ({ type }: Node): boolean => type.name === 'table'

/** Gives cells that are made or emptied here a paragraph to write into, and refuses tables larger than one may be. */
function cellWriting(): Plugin {
  return new Plugin({
    filterTransaction: (tr) =>
      !tr.docChanged || isFromYjs(tr) || changedBlocks(tr, isTable).every(({ node }) => isTableSound(node)),
    appendTransaction: (transactions, _before, after) => {
      if (transactions.some((tr) => isFromYjs(tr))) return null
      const cells = transactions.flatMap((tr, index) =>
        changedBlocks(tr, isCell).map(({ position }) =>
          transactions.slice(index + 1).reduce((at, later) => later.mapping.map(at), position),
        ),
      )
      return fillCells(after, cells)
    },
    props: {
      handleClickOn: (view, _position, node, at) => {
        if (!isCell(node) || node.childCount > 0 || !view.editable) return false
        const tr = fillCells(view.state, [at])
        if (tr !== null) view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1))))
        return tr !== null
      },
    },
  })
}

function fillCells(state: EditorState, positions: readonly number[]): Transaction | null {
  const empty = [...new Set(positions)].filter((position) => {
    const node = state.doc.nodeAt(position)
    return node !== null && isCell(node) && node.childCount === 0
  })
  if (empty.length === 0) return null
  const { tr } = state
  const { paragraph } = schemaOf(state).nodes
  for (const position of empty.sort((a, b) => b - a)) tr.insert(position + 1, paragraph.create())
  return tr
}

/** A table that is too large to be one: its text, a paragraph for each row. */
function withoutHugeTables(content: Fragment): Fragment {
  const nodes = content.content.flatMap((node) => {
    if (isTable(node) && !isTableSound(node))
      return node.children.map((row) => {
        const schema = schemaOf(node.type)
        const text = row.children.map((cell) => cell.textContent).join(' ')
        return schema.nodes.paragraph.create(null, text === '' ? null : schema.text(text))
      })
    return [node.isTextblock ? node : node.copy(withoutHugeTables(node.content))]
  })
  return Fragment.from(nodes)
}

function hasHugeTable(content: Fragment): boolean {
  return content.content.some(
    (node) => (isTable(node) && !isTableSound(node)) || (!node.isTextblock && hasHugeTable(node.content)),
  )
}

/** Cells copied from a spreadsheet as text become a table, or fill the one they are pasted into. */
function pastedTables(): Plugin {
  return new Plugin({
    props: {
      transformPasted: (slice) =>
        hasHugeTable(slice.content) ? new Slice(withoutHugeTables(slice.content), 0, 0) : slice,
      handlePaste: (view, event) => {
        const text = event.clipboardData?.getData('text/plain') ?? ''
        if ((event.clipboardData?.getData('text/html') ?? '') !== '') return false
        return pasteTabbed(view, text)
      },
    },
  })
}

function pasteTabbed(view: EditorView, text: string): boolean {
  const { state } = view
  if (state.selection.$from.parent.type.spec.code === true) return false
  if (isInTable(state)) return false
  const rows = parseTabbed(text, false)
  if (rows === null) return false
  const slice = new Slice(Fragment.from(toTable(schemaOf(state), rows)), 0, 0)
  view.dispatch(undoneApart(state.tr.replaceSelection(slice)).scrollIntoView().setMeta('paste', true))
  return true
}
