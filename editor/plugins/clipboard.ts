import type { Schema, Slice } from 'prosemirror-model'
import { Plugin, Selection, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { completeAddress } from '../address.ts'
import { undoneApart } from '../binding/binding.ts'
import { isPlain, writeParagraph } from '../commands/blocks.ts'
import { isInTable } from '../commands/insert-table.ts'
import { canLink, setLink } from '../commands/marks.ts'
import { changeTo } from '../content.ts'
import { deferStyles } from '../html/clean.ts'
import { dropFalseNotes } from '../html/copied.ts'
import { createParser } from '../html/parser.ts'
import { toPlainText } from '../html/plain-text.ts'
import { createSerializer } from '../html/serializer.ts'
import { parseParagraph } from '../schema/index.ts'
import type * as MarkdownText from './markdown-text.ts'

/** The one address a pasted text consists of, undefined when it is anything else. */
function findAddress(text: string): string | undefined {
  const trimmed = text.trim()
  if (!/^(?:https?:\/\/|mailto:)\S+$/i.test(trimmed)) return undefined
  return completeAddress(trimmed) ?? undefined
}

/** A selection pasted over with an address becomes a link; without a selection the address is inserted linked. */
function pasteAddress(state: EditorState, text: string): Transaction | undefined {
  const href = findAddress(text)
  if (href === undefined || !canLink(state)) return undefined
  let result: Transaction | undefined
  setLink(href)(state, (tr) => (result = tr))
  return result
}

/** An open slice merges into the paragraph it lands in; an empty plain one takes on what it was a piece of. */
function pasteStyled(state: EditorState, slice: Slice): Transaction | undefined {
  const { selection } = state
  const { $from } = selection
  const first = slice.content.firstChild
  const isEmptyPlace = selection instanceof TextSelection && $from.parent.content.size === 0
  if (!isEmptyPlace || $from.parent.type.name !== 'paragraph' || slice.openStart === 0) return undefined
  if (first?.type.name !== 'paragraph' || !isPlain(parseParagraph($from.parent.attrs))) return undefined
  const attrs = parseParagraph(first.attrs)
  if (isPlain(attrs)) return undefined
  const tr = state.tr.replaceSelection(slice)
  return writeParagraph(tr, $from.before(), attrs)
}

/** What ProseMirror, or we, make of a paste. */
function paste(state: EditorState, slice: Slice): Transaction {
  const { content, openStart, openEnd } = slice
  const only = openStart === 0 && openEnd === 0 && content.childCount === 1 ? content.firstChild : null
  const insert = (): Transaction =>
    only === null ? state.tr.replaceSelection(slice) : state.tr.replaceSelectionWith(only, false)
  return pasteStyled(state, slice) ?? insert()
}

const asPaste = (tr: Transaction): Transaction =>
  undoneApart(tr).scrollIntoView().setMeta('paste', true).setMeta('uiEvent', 'paste')

/**
 * Pastes a text, and then what it means in its place, so that undo gives the text before it takes that away. False where
 * a table has a say in what is pasted.
 */
function pasteMeaning(view: EditorView, { text, meaning }: { text: Slice; meaning: Slice }): boolean {
  const { state } = view
  const isTable = meaning.content.content.some(({ type }) => type.name === 'table')
  if (!(state.selection instanceof TextSelection) || (isTable && isInTable(state))) return false
  const { doc, selection } = paste(state, meaning)
  view.dispatch(asPaste(state.tr.replaceSelection(text)))
  const tr = changeTo(view.state, doc)
  view.dispatch(asPaste(tr.setSelection(Selection.fromJSON(tr.doc, selection.toJSON()))))
  return true
}

/**
 * Reads what is pasted from anywhere, and writes clean HTML for what is copied, with Markdown as its text. What knows
 * Markdown is fetched when somebody comes to write; until then, text is text.
 */
export function clipboard(schema: Schema): Plugin {
  let markdown: typeof MarkdownText | null = null
  // The text is seen by one hook and what it became changed by the next, of the same paste.
  let meant: Slice | null = null
  let asText: Slice | null = null
  const load = (): void => {
    if (markdown !== null) return
    void import('./markdown-text.ts').then(
      (loaded) => (markdown = loaded),
      () => undefined,
    )
  }
  return new Plugin({
    view: (view) => {
      if (view.hasFocus()) load()
      return {}
    },
    props: {
      handleDOMEvents: { focus: load },
      transformPastedText: (text, isPlain, view) => {
        asText = null
        meant = isPlain ? null : (markdown?.readMarkdownText(text, view.state) ?? null)
        return text
      },
      transformPasted: (slice) => {
        const result = meant ?? slice
        asText = meant === null ? null : slice
        meant = null
        return result
      },
      transformPastedHTML: (html) => deferStyles(dropFalseNotes(html)),
      clipboardParser: createParser(schema),
      clipboardSerializer: createSerializer(schema),
      clipboardTextSerializer: (slice) => markdown?.writeMarkdownText(slice) ?? toPlainText(slice),
      handlePaste: (view, event, slice) => {
        const typed = asText
        asText = null
        if (typed !== null && pasteMeaning(view, { text: typed, meaning: slice })) return true
        const text = event.clipboardData?.getData('text/plain') ?? ''
        const isLinked = event.clipboardData?.getData('text/html') === '' || !view.state.selection.empty
        const tr = (isLinked ? pasteAddress(view.state, text) : undefined) ?? pasteStyled(view.state, slice)
        if (tr === undefined) return false
        view.dispatch(asPaste(tr))
        return true
      },
    },
  })
}
