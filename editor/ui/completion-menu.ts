import type { VirtualElement } from '@floating-ui/dom'
import type { EditorView } from 'prosemirror-view'
import {
  closeCompletion,
  findCompletion,
  takeCompletion,
  type Completion,
  type Trigger,
} from '../plugins/autocomplete.ts'
import { Listbox, type ChoiceGroup } from './listbox.ts'

/** What a trigger's menu offers. */
export interface Source {
  /** The name of the menu. */
  readonly label: string
  /** Milliseconds to wait for the next letter before asking; default 0, which asks at once. */
  readonly debounceMs?: number
  /** The choices for a query; those that come after `signal` is aborted are dropped, and a failure counts as none. */
  find(query: string, menu: Menu, signal: AbortSignal): Found | Promise<Found>
}

/** Choices in groups; null where there should be no menu at all. */
export type Found = readonly ChoiceGroup[] | null

/** What a choice acts on. */
export interface Menu {
  readonly view: EditorView
  /** Takes away what was typed for the menu, then runs `insert` on the view; does nothing when the menu has gone. */
  replaceTyped(insert: (view: EditorView) => void): void
}

export type Sources = Readonly<Record<Trigger, Source>>

/** The menus that open by typing: state from plugins/autocomplete.ts, choices from the sources. */
export class CompletionMenu {
  readonly #view: EditorView
  readonly #sources: Sources
  readonly #list: Listbox
  #shown: Completion | null = null
  #asked = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(view: EditorView, sources: Sources) {
    this.#view = view
    this.#sources = sources
    this.#list = new Listbox(view)
  }

  update(): void {
    const open = this.#view.editable ? findCompletion(this.#view.state) : null
    const before = this.#shown
    this.#shown = open
    if (open === null) this.#close()
    else if (before?.trigger !== open.trigger || before.query !== open.query) this.#ask(open)
    else if (before.from !== open.from) this.#list.moved()
  }

  destroy(): void {
    this.#close()
    this.#list.destroy()
  }

  press(event: KeyboardEvent): boolean {
    if (this.#shown === null || event.isComposing) return false
    if (event.key === 'Escape') return closeCompletion(this.#view.state, this.#view.dispatch)
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false
    return this.#list.press(event.key)
  }

  #close(): void {
    this.#asked.abort()
    clearTimeout(this.#timer)
    this.#list.hide()
  }

  #ask(open: Completion): void {
    this.#asked.abort()
    this.#asked = new AbortController()
    clearTimeout(this.#timer)
    const { signal } = this.#asked
    const { debounceMs = 0 } = this.#sources[open.trigger]
    // The first answer is wanted at once; what is typed on may wait for the next letter.
    if (debounceMs === 0 || !this.#list.isOpen) this.#find(open, signal)
    else this.#timer = setTimeout(() => this.#find(open, signal), debounceMs)
  }

  #find({ trigger, query }: Completion, signal: AbortSignal): void {
    const menu: Menu = { view: this.#view, replaceTyped: this.#replaceTyped }
    const show = (found: Found): void => {
      if (signal.aborted || this.#shown === null) return
      this.#list.reset()
      if (found === null) this.#list.hide()
      else this.#list.show(this.#sources[trigger].label, found, this.#reference())
    }
    try {
      const found = this.#sources[trigger].find(query, menu, signal)
      if (isPromise(found)) found.then(show, () => show([]))
      else show(found)
    } catch {
      // A host's source that throws has nothing to offer.
      show([])
    }
  }

  readonly #replaceTyped = (insert: (view: EditorView) => void): void => {
    if (this.#shown === null) return
    this.#view.dispatch(takeCompletion(this.#view.state))
    insert(this.#view)
    this.#view.focus()
  }

  /** Where the trigger stands, wherever that is by then. */
  #reference(): VirtualElement {
    return {
      contextElement: this.#view.dom,
      getBoundingClientRect: () => {
        const { left, top, bottom } = this.#view.coordsAtPos(this.#shown?.from ?? 0)
        return new DOMRect(left, top, 0, bottom - top)
      },
    }
  }
}

function isPromise(found: Found | Promise<Found>): found is Promise<Found> {
  return found instanceof Promise
}
