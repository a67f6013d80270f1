import { Plugin, TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { shownSelection } from '../binding/selection-on-screen.ts'

/** Has the editor look where the caret is on the screen. */
export function readCaret(view: EditorView): void {
  view.dom.ownerDocument.dispatchEvent(new Event('selectionchange'))
}

/**
 * Has keys act where the caret is on screen. Browsers tell of a moved caret in a task of its own, and let keys that
 * wait already pass it: on a busy page, Enter would break the line that was clicked before, and whoever goes from the
 * text to a menu would find the caret where it was earlier.
 */
export function caretNow(): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        keydown: (view: EditorView) => {
          if (!view.composing) readCaret(view)
          return false
        },
        blur: (view: EditorView) => {
          const { selection } = view.state
          const left = shownSelection(view)
          // Controls are pressed for a block that is selected: it stays so.
          if (selection instanceof TextSelection && !left.eq(selection))
            view.dispatch(view.state.tr.setSelection(left))
          return false
        },
      },
    },
  })
}
