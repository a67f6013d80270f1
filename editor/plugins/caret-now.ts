import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** Has the editor look where the caret is on the screen. */
export function readCaret(view: EditorView): void {
  view.dom.ownerDocument.dispatchEvent(new Event('selectionchange'))
}

/**
 * Has keys act where the caret is on screen. Browsers tell of a moved caret in a task of its own, and let keys that
 * wait already pass it: on a busy page, Enter would break the line that was clicked before.
 */
export function caretNow(): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        keydown: (view: EditorView) => {
          if (!view.composing) readCaret(view)
          return false
        },
      },
    },
  })
}
