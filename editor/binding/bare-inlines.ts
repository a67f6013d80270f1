import { Plugin } from 'prosemirror-state'
import { isFromYjs } from './from-yjs.ts'

/**
 * Takes the marks off what is inline and no text, such as a line break in bold text: y-prosemirror stores none there, so
 * nobody else would see them. What is typed behind it has them all the same.
 */
export function keepInlinesBare(): Plugin {
  return new Plugin({
    appendTransaction: (transactions, before, state) => {
      if (!transactions.some((tr) => tr.docChanged && !isFromYjs(tr))) return null
      const from = before.doc.content.findDiffStart(state.doc.content)
      const to = before.doc.content.findDiffEnd(state.doc.content)
      if (from === null || to === null) return null
      const { tr, selection, storedMarks } = state
      state.doc.nodesBetween(from, Math.max(from, to.b), (node, position) => {
        if (node.isInline && !node.isText) for (const mark of node.marks) tr.removeNodeMark(position, mark)
      })
      if (!tr.docChanged) return null
      return selection.empty ? tr.ensureMarks(storedMarks ?? selection.$from.marks()) : tr
    },
  })
}
