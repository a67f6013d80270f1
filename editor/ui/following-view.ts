import { html, render } from 'lit'
import type { Command, EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import { raiseFlag } from './carets.ts'
import { frameOf, isWithin } from './chrome.ts'
import { keyOfPerson, parseIdentity } from './presence.ts'
import { remoteCursors, type RemoteCursor } from './remote-cursors.ts'
import { scrollToPosition } from './scroll-to.ts'
import { text } from './text.ts'

export interface Following {
  /** The person whose caret was gone to, as `Person.key`, as long as nothing was done here since. */
  readonly visited: string | null
  readonly followed: string | null
}

interface FollowingOptions {
  readonly awareness: Awareness
  readonly read: (state: EditorState) => Following
  /** Follows nobody any more. */
  readonly leave: Command
  /** Called when somebody else is followed, or nobody. */
  readonly onChange: () => void
}

/** Goes to the caret of whoever is visited or followed, and says who is followed. */
export class FollowingView {
  readonly #view: EditorView
  readonly #options: FollowingOptions
  readonly #pill: HTMLElement
  readonly #stop = new AbortController()
  #now: Following = { visited: null, followed: null }
  #frame: number | undefined

  constructor(view: EditorView, options: FollowingOptions) {
    this.#view = view
    this.#options = options
    const document = view.dom.ownerDocument
    this.#pill = document.createElement('div')
    this.#pill.className = 'coscribe-following'
    this.#pill.setAttribute('part', 'status')
    this.#pill.setAttribute('role', 'status')
    const listening = { signal: this.#stop.signal, passive: true, capture: true }
    document.addEventListener('wheel', this.#leave, listening)
    document.addEventListener('touchmove', this.#leave, listening)
    document.addEventListener('keydown', this.#onKey, listening)
    options.awareness.on('change', this.#schedule)
    this.update(view, view.state)
  }

  update(view: EditorView, previous: EditorState): void {
    const now = this.#options.read(view.state)
    const before = this.#now
    this.#now = now
    if (now.followed !== null && view.state.doc !== previous.doc) this.#schedule()
    if (now === before) return
    const isVisit = now.visited !== null
    const cursor = isVisit ? this.#cursor(now.visited) : undefined
    if (cursor !== undefined) {
      scrollToPosition(view, cursor.head)
      raiseFlag(view, cursor.client)
    }
    if (now.followed === before.followed) return
    this.#drawPill(cursor)
    this.#options.onChange()
  }

  destroy(): void {
    this.#stop.abort()
    this.#options.awareness.off('change', this.#schedule)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#pill.remove()
  }

  #cursor(person: string | null): RemoteCursor | undefined {
    return remoteCursors(this.#view.state, this.#options.awareness).find(
      (cursor) => keyOfPerson(cursor, cursor.client) === person,
    )
  }

  #isHere(person: string): boolean {
    const states = [...this.#options.awareness.getStates()]
    return states.some(([client, state]) => keyOfPerson(parseIdentity(state, client), client) === person)
  }

  readonly #schedule = (): void => {
    if (this.#now.followed === null) return
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      const { followed } = this.#now
      if (followed === null || this.#view.isDestroyed) return
      if (!this.#isHere(followed)) this.#leave()
      const cursor = this.#cursor(followed)
      if (cursor !== undefined) scrollToPosition(this.#view, cursor.head)
    })
  }

  readonly #leave = (): void => {
    this.#options.leave(this.#view.state, this.#view.dispatch)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const isInText = isWithin(event, this.#view.dom)
    const isModifier = ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)
    if (event.key === 'Escape' || (isInText && !isModifier)) this.#leave()
  }

  #drawPill(cursor: RemoteCursor | undefined): void {
    const { followed } = this.#now
    if (followed === null) this.#pill.remove()
    else frameOf(this.#view.dom)?.append(this.#pill)
    const name = cursor?.name ?? ''
    render(
      followed === null
        ? html``
        : html`<span>${text.following} <bdi>${name}</bdi></span>
            <button type="button" class="coscribe-button" part="button" @click=${this.#leave}>
              ${text.followStop}
            </button>`,
      this.#pill,
    )
  }
}
