import type { Plugin, PluginView } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

type MakeView = NonNullable<Plugin['spec']['view']>

/**
 * What a plugin has beside the text, for as long as the plugin is there. ProseMirror makes the views of all plugins anew
 * when one comes or goes, and with them what is open, typed or under way in them would be gone.
 */
export function lasting(make: MakeView): MakeView {
  const kept = new WeakMap<EditorView, PluginView>()
  const makeOnce: MakeView = (view) => {
    const { plugins } = view.state
    const before = kept.get(view)
    kept.delete(view)
    const made = before ?? make(view)
    // What it stands beside may have been drawn anew.
    if (before !== undefined) made.update?.(view, view.state)
    return {
      update: (_view, previous) => made.update?.(view, previous),
      destroy: () => {
        const now = view.state.plugins
        if (now !== plugins && now.some(({ spec }) => spec.view === makeOnce)) kept.set(view, made)
        else made.destroy?.()
      },
    }
  }
  return makeOnce
}
