import { Plugin, PluginKey, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { blockPlace, placeForBlock, selectedImage } from '../commands/images.ts'
import { laterView } from '../plugins/later-view.ts'
import type { ImageToolsOptions, Wanted } from './image-bubble.ts'

const key = new PluginKey<boolean>('coscribe-image-tools')

/** Opens what asks for a picture: an address, or a file. */
export const askForPicture: Command = (state, dispatch) => {
  const position = blockPlace(state.doc, placeForBlock(state))
  if (position === state.doc.content.size && state.doc.childCount === 0) return false
  dispatch?.(state.tr.setMeta(key, true))
  return true
}

/** Closes it again. */
export function closePictureForm(view: EditorView): void {
  if (key.getState(view.state) === true) view.dispatch(view.state.tr.setMeta(key, false))
}

/** What people see beside a selected picture, and what asks for a new one; loaded when it is first needed. */
export function imageTools(options: ImageToolsOptions): Plugin<boolean> {
  return new Plugin<boolean>({
    key,
    state: {
      init: () => false,
      apply: (tr, isAsking) => {
        const change: unknown = tr.getMeta(key)
        return typeof change === 'boolean' ? change : isAsking
      },
    },
    view: laterView({
      isNeeded: (view) => wantedOf(view) !== null,
      load: async () => {
        const { ImageBubble } = await import('./image-bubble.ts')
        const close = closePictureForm
        return (view) => new ImageBubble(view, { ...options, wanted: () => wantedOf(view), close })
      },
    }),
  })
}

function wantedOf({ state, editable }: EditorView): Wanted {
  if (!editable) return null
  return key.getState(state) === true ? 'new' : selectedImage(state)
}
