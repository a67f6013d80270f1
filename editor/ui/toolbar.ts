import { html, render } from 'lit'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { activeStyle, setStyle, toggleCodeBlock } from '../commands/blocks.ts'
import { parseStyle } from '../schema/index.ts'
import { icon } from './icons.ts'
import { roving } from './roving.ts'
import { text } from './text.ts'
import { toolButton } from './tool-button.ts'
import { toolGroups, type Tool } from './tools.ts'

/** The bar of formatting controls above a document. */
export interface Toolbar {
  readonly dom: HTMLElement
  /** Has the controls drawn as the view's state has them, right after the next frame: what is typed is shown first. */
  update(): void
  /** Moves the focus to the control it was last on. */
  focus(): void
  destroy(): void
}

interface ToolbarOptions {
  readonly view: EditorView
  readonly editLink: Command
}

const offeredStyles = ['title', 'heading1', 'heading2', 'heading3', 'quote', 'code'] as const

/** Makes a toolbar for a view: one stop for Tab, arrow keys inside, and the text keeps its selection. */
export function createToolbar({ view, editLink }: ToolbarOptions): Toolbar {
  const groups = toolGroups(editLink)
  const icons = new Map(groups.flat().map((tool) => [tool, icon(tool.name)]))
  const dom = view.dom.ownerDocument.createElement('div')
  dom.className = 'coscribe-toolbar'
  dom.setAttribute('part', 'toolbar')
  dom.setAttribute('role', 'toolbar')
  dom.setAttribute('aria-label', text.toolbar)
  dom.setAttribute('aria-orientation', 'horizontal')
  const rover = roving(dom, () => view.focus())
  const draw = (): void => {
    dom.hidden = !view.editable
    const button = (tool: Tool) => toolButton(tool, view, icons.get(tool))
    const bars = groups.map(
      (tools) => html`<div class="coscribe-tools" role="group">${tools.map(button)}</div>`,
    )
    const [history, ...rest] = bars
    render(html`${history}${styleSelect(view)}${rest}`, dom)
    rover.refresh()
  }
  let isDue = false
  const update = (): void => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() =>
      setTimeout(() => {
        isDue = false
        if (!view.isDestroyed) draw()
      }),
    )
  }
  dom.addEventListener('mousedown', keepFocus)
  draw()
  const destroy = (): void => {
    rover.stop()
    dom.remove()
  }
  return { dom, update, focus: rover.focus, destroy }
}

/** A press on a button must not take the focus from the text; a select needs it to open. */
function keepFocus(event: Event): void {
  if (event.target instanceof Element && event.target.closest('select') === null) event.preventDefault()
}

function styleSelect(view: EditorView) {
  const active = activeStyle(view.state)
  const value = active === null ? 'text' : (active ?? '')
  const isOffered = value === 'text' || value === '' || offeredStyles.some((style) => style === value)
  const values = ['text' as const, ...offeredStyles, ...(isOffered || active == null ? [] : [active])]
  const choose = (event: Event): void => {
    if (!(event.target instanceof HTMLSelectElement)) return
    const chosen = event.target.value
    const command = chosen === 'code' ? toggleCodeBlock : setStyle(parseStyle(chosen))
    command(view.state, view.dispatch, view)
    view.focus()
  }
  const option = (style: keyof typeof text.styles) =>
    html`<option value=${style} ?selected=${style === value} .selected=${style === value}>
      ${text.styles[style]}
    </option>`
  return html`<span class="coscribe-style">
    <select
      aria-label=${text.blockStyle}
      title=${text.blockStyle}
      ?disabled=${!view.editable}
      @change=${choose}
    >
      ${values.map(option)}
    </select>
  </span>`
}
