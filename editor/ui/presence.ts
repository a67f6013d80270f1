import { html, nothing, render } from 'lit'
import type { Awareness } from 'y-protocols/awareness'
import { parseColor, textColorOn } from './color.ts'
import { text } from './text.ts'

const maxNameLength = 40
const maxShown = 5

/** What a person shows of themselves, after parsing. */
export interface Identity {
  readonly id: string | null
  readonly name: string
  readonly color: string
}

/** Somebody who has the document open, in however many tabs. */
export interface Person extends Identity {
  readonly key: string
  readonly clients: readonly number[]
  readonly isSelf: boolean
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Reads who a presence state belongs to: names are cut at 40 characters, colours must be `#rrggbb`. */
export function parseIdentity(state: unknown, client: number): Identity {
  const user = field(state, 'user')
  const name = field(user, 'name')
  const id = field(user, 'id')
  const trimmed = typeof name === 'string' ? Array.from(name.trim()).slice(0, maxNameLength).join('') : ''
  return {
    id: typeof id === 'string' && id !== '' ? id : null,
    name: trimmed === '' ? `Guest ${client % 1000}` : trimmed,
    color: parseColor(field(user, 'color'), client),
  }
}

/** The people present: the person here first, then by when their first tab joined as far as ids tell. */
export function listPeople(states: ReadonlyMap<number, unknown>, self: number): Person[] {
  const people = new Map<string, Person>()
  const clients = [...states.keys()].sort((a, b) => Number(b === self) - Number(a === self) || a - b)
  for (const client of clients) {
    const state = states.get(client)
    if (typeof state !== 'object' || state === null) continue
    const identity = parseIdentity(state, client)
    const key = identity.id === null ? `client:${client}` : `user:${identity.id}`
    const known = people.get(key)
    if (known === undefined) people.set(key, { ...identity, key, clients: [client], isSelf: client === self })
    else people.set(key, { ...known, clients: [...known.clients, client] })
  }
  return [...people.values()]
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters.map((word) => Array.from(word ?? '')[0]?.toUpperCase() ?? '').join('')
}

function avatar(person: Person) {
  const name = person.isSelf ? `${person.name} (${text.you})` : person.name
  return html`<li class="coscribe-avatar" data-key=${person.key} title=${name} aria-label=${name}>
    <span aria-hidden="true">${initials(person.name)}</span>
  </li>`
}

/** Shows who is present as a row of avatars in `container`; returns what takes them away again. */
export function showAvatars(container: HTMLElement, awareness: Awareness): () => void {
  const draw = (): void => {
    const people = listPeople(awareness.getStates(), awareness.clientID)
    const hidden = people.length - maxShown
    const more = hidden > 0 ? html`<li class="coscribe-avatar-more">+${hidden}</li>` : nothing
    const shown = people.slice(0, maxShown)
    render(
      html`<ul class="coscribe-avatars" aria-label=${text.people}>
        ${shown.map(avatar)}${more}
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
  draw()
  return () => {
    awareness.off('change', draw)
    render(nothing, container)
  }
}
