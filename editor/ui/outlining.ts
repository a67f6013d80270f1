import { Plugin, PluginKey, type Command, type EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { OutlinePanel } from './outline-panel.ts'

const outlineKey = new PluginKey<boolean>('coscribe-outline')

/** Opens the panel with the document's headings and its length; closes it when it is open. */
export const toggleOutline: Command = (state, dispatch) => {
  const isOpen = outlineKey.getState(state)
  if (isOpen === undefined) return false
  dispatch?.(state.tr.setMeta(outlineKey, !isOpen))
  return true
}

export function isOutlineOpen(state: EditorState): boolean {
  return outlineKey.getState(state) ?? false
}

/** The outline, whose panel is loaded when it is first asked for. */
export function outlining(): Plugin<boolean> {
  return new Plugin<boolean>({
    key: outlineKey,
    state: {
      init: () => false,
      apply: (tr, isOpen) => {
        const change: unknown = tr.getMeta(outlineKey)
        return typeof change === 'boolean' ? change : isOpen
      },
    },
    view: () => new OutlineView(),
  })
}

class OutlineView {
  #panel: OutlinePanel | null = null
  #isOpen = false
  #isDestroyed = false

  update(view: EditorView): void {
    const isOpen = isOutlineOpen(view.state)
    if (isOpen === this.#isOpen) this.#panel?.update()
    else {
      this.#isOpen = isOpen
      void this.#show(view)
    }
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#panel?.destroy()
  }

  async #show(view: EditorView): Promise<void> {
    const { OutlinePanel: Panel } = await import('./outline-panel.ts')
    if (this.#isDestroyed) return
    this.#panel ??= new Panel(view, toggleOutline)
    this.#panel.setOpen(this.#isOpen)
  }
}
