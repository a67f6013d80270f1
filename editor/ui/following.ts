import { html, render } from 'lit'
import { Plugin, PluginKey, type Command, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import { isFromYjs } from '../binding/binding.ts'
import { raiseFlag } from './carets.ts'
import { frameOf, isWithin } from './chrome.ts'
import { keyOfPerson, parseIdentity } from './presence.ts'
import { remoteCursors, type RemoteCursor } from './remote-cursors.ts'
import { scrollToPosition } from './scroll-to.ts'
import { text } from './text.ts'

interface Following {
  /** The person whose caret was gone to, as long as nothing was done here since. */
  readonly visited: string | null
  readonly followed: string | null
}

const nobody: Following = { visited: null, followed: null }
const followKey = new PluginKey<Following>('coscribe-follow')

/** Goes to a person's caret; when it has just gone there, follows them; when it follows them, stops. */
export function visit(person: string): Command {
  return (state, dispatch) => {
    const now = followKey.getState(state)
    if (now === undefined) return false
    const next =
      now.visited === person ? { visited: person, followed: person } : { visited: person, followed: null }
    dispatch?.(state.tr.setMeta(followKey, now.followed === person ? nobody : next))
    return true
  }
}

/** Who is followed, as `Person.key`; null for nobody. */
export function followedIn(state: EditorState): string | null {
  return followKey.getState(state)?.followed ?? null
}

/** Lets the page go along with somebody else's caret, until something is done here. */
export function following(awareness: Awareness, onChange: () => void): Plugin<Following> {
  return new Plugin<Following>({
    key: followKey,
    state: { init: () => nobody, apply: nextFollowing },
    view: (view) => new FollowingView(view, { awareness, onChange }),
  })
}

function nextFollowing(tr: Transaction, now: Following): Following {
  const change: unknown = tr.getMeta(followKey)
  if (isFollowing(change)) return change
  const isOwn = !isFromYjs(tr) && (tr.docChanged || tr.selectionSet)
  return isOwn ? nobody : now
}

function isFollowing(value: unknown): value is Following {
  return typeof value === 'object' && value !== null && 'followed' in value
}

class FollowingView {
  readonly #view: EditorView
  readonly #awareness: Awareness
  readonly #onChange: () => void
  readonly #pill: HTMLElement
  readonly #stop = new AbortController()
  #now = nobody
  #frame: number | undefined

  constructor(view: EditorView, { awareness, onChange }: { awareness: Awareness; onChange: () => void }) {
    this.#view = view
    this.#awareness = awareness
    this.#onChange = onChange
    const document = view.dom.ownerDocument
    this.#pill = document.createElement('div')
    this.#pill.className = 'coscribe-following'
    this.#pill.setAttribute('part', 'status')
    this.#pill.setAttribute('role', 'status')
    const options = { signal: this.#stop.signal, passive: true, capture: true }
    document.addEventListener('wheel', this.#leave, options)
    document.addEventListener('touchmove', this.#leave, options)
    document.addEventListener('keydown', this.#onKey, options)
    awareness.on('change', this.#schedule)
  }

  update(view: EditorView, previous: EditorState): void {
    const now = followKey.getState(view.state) ?? nobody
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
    this.#onChange()
  }

  destroy(): void {
    this.#stop.abort()
    this.#awareness.off('change', this.#schedule)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#pill.remove()
  }

  #cursor(person: string | null): RemoteCursor | undefined {
    return remoteCursors(this.#view.state, this.#awareness).find(
      (cursor) => keyOfPerson(cursor, cursor.client) === person,
    )
  }

  #isHere(person: string): boolean {
    const states = [...this.#awareness.getStates()]
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
    if (this.#now === nobody) return
    this.#view.dispatch(this.#view.state.tr.setMeta(followKey, nobody))
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
