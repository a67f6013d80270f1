import { html, nothing, render } from 'lit'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { activeStyle, setStyle, toggleCodeBlock } from '../commands/blocks.ts'
import { parseStyle } from '../schema/index.ts'
import { icon } from './icons.ts'
import { text } from './text.ts'
import { toolGroups, type Tool } from './tools.ts'

/** The bar of formatting controls above a document. */
export interface Toolbar {
  readonly dom: HTMLElement
  /** Draws the controls as the view's state has them; called after every change. */
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
  dom.setAttribute('role', 'toolbar')
  dom.setAttribute('aria-label', text.toolbar)
  dom.setAttribute('aria-orientation', 'horizontal')
  let current = 0

  const controls = (): HTMLElement[] => [...dom.querySelectorAll<HTMLElement>('select, button')]
  const rove = (index: number): void => {
    const all = controls()
    current = (index + all.length) % all.length
    all.forEach((control, at) => (control.tabIndex = at === current ? 0 : -1))
  }
  const update = (): void => {
    const button = (tool: Tool) => toolButton(tool, { view, icon: icons.get(tool) })
    const bars = groups.map(
      (tools) => html`<div class="coscribe-tools" role="group">${tools.map(button)}</div>`,
    )
    const [history, ...rest] = bars
    render(html`${history}${styleSelect(view)}${rest}`, dom)
    rove(current)
  }
  const stop = listen(dom, {
    mousedown: (event) => {
      // A press on a button must not take the focus from the text; a select needs it to open.
      if (event.target instanceof Element && event.target.closest('select') === null) event.preventDefault()
    },
    focusin: (event) => {
      const index = controls().findIndex((control) => control === event.target)
      if (index >= 0) rove(index)
    },
    keydown: (event) => {
      if (!(event instanceof KeyboardEvent)) return
      const next = nextControl(event, { current, count: controls().length })
      if (event.key === 'Escape') view.focus()
      if (next === undefined) return
      event.preventDefault()
      rove(next)
      controls()[current]?.focus()
    },
  })
  update()
  const destroy = (): void => {
    stop()
    dom.remove()
  }
  return { dom, update, focus: () => controls()[current]?.focus(), destroy }
}

function listen(dom: HTMLElement, listeners: Record<string, (event: Event) => void>): () => void {
  const stop = new AbortController()
  for (const [name, listener] of Object.entries(listeners)) {
    dom.addEventListener(name, listener, { signal: stop.signal })
  }
  return () => stop.abort()
}

function nextControl(event: KeyboardEvent, { current, count }: { current: number; count: number }) {
  const isRightToLeft = event.currentTarget instanceof Element && event.currentTarget.matches(':dir(rtl)')
  const forward = isRightToLeft ? -1 : 1
  if (event.key === 'ArrowRight') return current + forward
  if (event.key === 'ArrowLeft') return current - forward
  if (event.key === 'Home') return 0
  return event.key === 'End' ? count - 1 : undefined
}

function toolButton(tool: Tool, { view, icon: drawing }: { view: EditorView; icon: SVGElement | undefined }) {
  const isActive = tool.isActive?.(view.state)
  const keys = tool.keys === undefined ? '' : ` (${tool.keys})`
  const press = (): void => {
    tool.run(view.state, view.dispatch, view)
    if (tool.keepsFocus !== false) view.focus()
  }
  return html`<button
    type="button"
    class="coscribe-tool"
    data-tool=${tool.name}
    title=${text[tool.name] + keys}
    aria-label=${text[tool.name]}
    aria-pressed=${isActive === undefined ? nothing : String(isActive)}
    ?disabled=${!view.editable || !tool.run(view.state, undefined, view)}
    @click=${press}
  >
    ${drawing}
  </button>`
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
