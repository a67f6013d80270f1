import { html, nothing } from 'lit'
import type { EditorView } from 'prosemirror-view'
import { text } from './text.ts'
import type { Tool } from './tools.ts'

/** A button for a tool as the view's state has it. */
export function toolButton(tool: Tool, view: EditorView, drawing: SVGElement | undefined) {
  const isActive = tool.isActive?.(view.state)
  const keys = tool.keys === undefined ? '' : ` (${tool.keys})`
  const press = (event: Event): void => {
    if (tool.open !== undefined && event.currentTarget instanceof HTMLElement) {
      tool.open(view, event.currentTarget)
      return
    }
    tool.run(view.state, view.dispatch, view)
    if (tool.keepsFocus !== false) view.focus()
  }
  return html`<button
    type="button"
    class="coscribe-tool"
    part="tool"
    data-tool=${tool.name}
    title=${text[tool.name] + keys}
    aria-label=${text[tool.name]}
    aria-haspopup=${tool.open === undefined ? nothing : 'menu'}
    aria-pressed=${isActive === undefined || tool.open !== undefined ? nothing : String(isActive)}
    data-on=${tool.open !== undefined && isActive === true ? '' : nothing}
    ?disabled=${!view.editable || !tool.run(view.state, undefined, view)}
    @click=${press}
  >
    ${drawing}
  </button>`
}
