import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { toggleCheckedAt } from '../commands/blocks.ts'

function findTask(view: EditorView, target: EventTarget | null): number | undefined {
  const label = target instanceof Element ? target.closest('.coscribe-check') : null
  const item = label?.parentElement
  if (!item || !view.dom.contains(item)) return undefined
  const position = view.posAtDOM(item, 0) - 1
  return position < 0 ? undefined : position
}

function toggleTask(view: EditorView, position: number, isByKeyboard: boolean): void {
  if (!view.editable) return
  toggleCheckedAt(position)(view.state, view.dispatch)
  if (!isByKeyboard) return
  // Checking draws the item anew, and with it the box that had the focus.
  const item = view.nodeDOM(position)
  if (item instanceof HTMLElement) item.querySelector<HTMLElement>('.coscribe-check input')?.focus()
}

/** Lets a click, or Space and Enter on a focused checkbox, check a task; the caret stays where it was. */
export function tasks(): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        mousedown: (view, event) => {
          if (findTask(view, event.target) === undefined) return false
          event.preventDefault()
          return true
        },
        click: (view, event) => {
          const position = findTask(view, event.target)
          if (position === undefined) return false
          event.preventDefault()
          // A label passes its click on to its box: take the first of the two.
          event.stopPropagation()
          toggleTask(view, position, event.detail === 0)
          return true
        },
        keydown: (view, event) => {
          if (!(event.target instanceof HTMLInputElement)) return false
          const position = findTask(view, event.target)
          if (position === undefined || event.key === 'Tab') return position !== undefined
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault()
            toggleTask(view, position, true)
          }
          return true
        },
      },
    },
  })
}
