import type { PluginView } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { lasting } from '../lasting-view.ts'

interface LaterView {
  /** Asked at every change until it is so. */
  readonly isNeeded: (view: EditorView) => boolean
  readonly load: () => Promise<(view: EditorView) => Required<Pick<PluginView, 'update' | 'destroy'>>>
}

/** What a plugin draws beside the text, fetched when it is first needed; what could not be fetched is asked for again. */
export function laterView({ isNeeded, load }: LaterView): (view: EditorView) => PluginView {
  return lasting((view) => {
    let drawn: PluginView | null = null
    let isAsked = false
    let isDestroyed = false
    const ask = (): void => {
      if (isAsked || !isNeeded(view)) return
      isAsked = true
      load().then(
        (draw) => {
          if (!isDestroyed) drawn = draw(view)
        },
        () => (isAsked = false),
      )
    }
    ask()
    return {
      update: (_view, before) => {
        ask()
        drawn?.update?.(view, before)
      },
      destroy: () => {
        isDestroyed = true
        drawn?.destroy?.()
      },
    }
  })
}
