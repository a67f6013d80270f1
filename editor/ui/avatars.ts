import { html, nothing, render } from 'lit'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import { textColorOn } from './color.ts'
import { followedIn, visit } from './following.ts'
import { listPeople, type Person } from './presence.ts'
import { text } from './text.ts'

const maxShown = 5

/** The editor whose people are shown: an `Editor` is one. */
export interface Visited {
  readonly view: EditorView | null
  run(command: Command): boolean
  on(event: 'follow', listener: () => void): () => void
}

/**
 * Shows who is present as a row of avatars in `container`; returns what takes them away again. With an editor, pressing
 * one goes to that person's caret, and pressing it again follows them.
 */
export function showAvatars(container: HTMLElement, awareness: Awareness, editor?: Visited): () => void {
  const draw = (): void => {
    const people = listPeople(awareness.getStates(), awareness.clientID)
    const followed = editor?.view ? followedIn(editor.view.state) : null
    const hidden = people.length - maxShown
    const more = hidden > 0 ? html`<li class="coscribe-avatar-more">+${hidden}</li>` : nothing
    const shown = people.slice(0, maxShown)
    const avatar = (person: Person) =>
      person.isSelf || editor === undefined
        ? still(person)
        : pressable(person, {
            isFollowed: person.key === followed,
            press: () => editor.run(visit(person.key)),
          })
    render(
      html`<ul class="coscribe-avatars" aria-label=${text.people}>
        ${shown.map((person) => html`<li>${avatar(person)}</li>`)}${more}
      </ul>`,
      container,
    )
    for (const person of shown) {
      const element = container.querySelector<HTMLElement>(`[data-key="${CSS.escape(person.key)}"]`)
      element?.style.setProperty('--coscribe-person', person.color)
      element?.style.setProperty('--coscribe-person-text', textColorOn(person.color))
    }
  }
  awareness.on('change', draw)
  const stop = editor?.on('follow', draw)
  draw()
  return () => {
    awareness.off('change', draw)
    stop?.()
    render(nothing, container)
  }
}

function still(person: Person) {
  const name = person.isSelf ? `${person.name} (${text.you})` : person.name
  return html`<span
    class="coscribe-avatar"
    part="avatar"
    role="img"
    data-key=${person.key}
    title=${name}
    aria-label=${name}
  >
    ${initials(person.name)}
  </span>`
}

function pressable(person: Person, { isFollowed, press }: { isFollowed: boolean; press: () => void }) {
  const words = text.visit(person.name, isFollowed)
  // Not taking the focus: the caret here stays where it is.
  const keepFocus = (event: Event): void => event.preventDefault()
  return html`<button
    type="button"
    class="coscribe-avatar"
    part="avatar"
    data-key=${person.key}
    title=${words}
    aria-label=${words}
    aria-pressed=${String(isFollowed)}
    @mousedown=${keepFocus}
    @click=${press}
  >
    ${initials(person.name)}
  </button>`
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters.map((word) => Array.from(word ?? '')[0]?.toUpperCase() ?? '').join('')
}
