import { Plugin, PluginKey, TextSelection, type Command, type EditorState } from 'prosemirror-state'
import { isFromYjs } from '../binding/binding.ts'

/** Whether the person has sent the bar away from what is selected. */
const key = new PluginKey<boolean>('coscribe-selection-bar')

/** How far into a selection text is looked for, in document positions. */
const enough = 2000

/** Whether tools for the selection should be offered: it is text outside of code, and they weren't sent away. */
export function isBarOffered(state: EditorState): boolean {
  const { selection, doc } = state
  const { $from, $to, from, to } = selection
  if (!(selection instanceof TextSelection) || selection.empty || key.getState(state) === true) return false
  const isCode = $from.parent.type.spec.code === true || $to.parent.type.spec.code === true
  return !isCode && doc.textBetween(from, Math.min(to, from + enough), ' ', ' ').trim() !== ''
}

/** Sends the bar away until the person selects something else. */
export const dismissBar: Command = (state, dispatch) => {
  if (!isBarOffered(state)) return false
  dispatch?.(state.tr.setMeta(key, 'dismiss'))
  return true
}

/** Remembers that the bar was sent away; others' edits don't bring it back. */
export function selectionBar(): Plugin<boolean> {
  return new Plugin<boolean>({
    key,
    state: {
      init: () => false,
      apply: (tr, isDismissed) => {
        if (tr.getMeta(key) === 'dismiss') return true
        return tr.selectionSet && !isFromYjs(tr) ? false : isDismissed
      },
    },
  })
}
