import { Plugin, PluginKey, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { blockPlace, placeForBlock, selectedImage } from '../commands/images.ts'
import type { ImageBubble, ImageToolsOptions } from './image-bubble.ts'

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
    view: (view) => {
      let bubble: ImageBubble | null = null
      let loading: Promise<void> | null = null
      let isDestroyed = false
      const update = () => {
        const isAsking = key.getState(view.state) === true && view.editable
        const image = isAsking ? null : selectedImage(view.state)
        const isWanted = isAsking || (image !== null && view.editable)
        if (bubble === null) {
          if (isWanted) loading ??= load()
          return
        }
        bubble.update(isAsking ? 'new' : isWanted ? image : null)
      }
      const load = async () => {
        const { ImageBubble } = await import('./image-bubble.ts')
        if (isDestroyed) return
        bubble = new ImageBubble(view, { ...options, close: () => closePictureForm(view) })
        update()
      }
      return {
        update,
        destroy: () => {
          isDestroyed = true
          bubble?.destroy()
        },
      }
    },
  })
}
