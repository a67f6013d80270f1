import { Plugin, TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { isFromYjs } from '../binding/binding.ts'
import { schemaOf } from '../schema/index.ts'

/*
 * A document may be empty, so that opening one writes nothing. Somewhere to type is made by whoever starts typing.
 */

function addParagraph(tr: Transaction): Transaction {
  tr.insert(0, schemaOf(tr.doc.type).nodes.paragraph.create())
  return tr.setSelection(TextSelection.create(tr.doc, 1))
}

function fill(view: EditorView): false {
  if (view.editable && view.state.doc.childCount === 0) view.dispatch(addParagraph(view.state.tr))
  return false
}

function isOwnEmptying(
  transactions: readonly Transaction[],
  before: EditorState,
  after: EditorState,
): boolean {
  const isEmptied = after.doc.childCount === 0 && before.doc.childCount > 0
  return isEmptied && !transactions.some((tr) => isFromYjs(tr))
}

const silentKeys = new Set(['Tab', 'Shift', 'Control', 'Alt', 'Meta', 'Escape', 'CapsLock'])

/** Gives an empty document one paragraph when the person here clicks, types or pastes, or has deleted everything. */
export function emptyDocument(): Plugin {
  return new Plugin({
    appendTransaction: (transactions, before, after) =>
      isOwnEmptying(transactions, before, after) ? addParagraph(after.tr) : null,
    props: {
      handleDOMEvents: {
        mousedown: fill,
        compositionstart: fill,
        beforeinput: fill,
        paste: fill,
        keydown: (view, event) => {
          const isShortcut = event.ctrlKey || event.metaKey || event.altKey
          return silentKeys.has(event.key) || isShortcut ? false : fill(view)
        },
      },
    },
  })
}
