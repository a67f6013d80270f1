import { Plugin } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import { lasting } from '../lasting-view.ts'
import { frameOf } from './chrome.ts'
import { listPeople } from './presence.ts'
import { text } from './text.ts'

/** Who comes and goes within this time is told at once; who does both, as in a reload, not at all. */
const gatherMs = 3000
/** More than so many are told as a number. */
const maxNamed = 3

/** Tells screen readers who joins and who leaves, in few words and without interrupting. */
export function announcing(awareness: Awareness): Plugin {
  return new Plugin({
    view: lasting((view) => {
      const root = frameOf(view.dom)
      const region = view.dom.ownerDocument.createElement('div')
      region.className = 'coscribe-unseen'
      region.setAttribute('aria-live', 'polite')
      root?.append(region)
      const stop = announcePeople(awareness, (words) => (region.textContent = words))
      return {
        destroy: () => {
          stop()
          region.remove()
        },
      }
    }),
  })
}

/** Calls `say` with who has joined or left; those who are here within the first seconds are not told. */
export function announcePeople(awareness: Awareness, say: (words: string) => void): () => void {
  let known: ReadonlyMap<string, string> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const tell = (): void => {
    timer = undefined
    const now = othersIn(awareness)
    const before = known
    known = now
    if (before === null) return
    const joined = [...now].filter(([key]) => !before.has(key)).map(([, name]) => name)
    const left = [...before].filter(([key]) => !now.has(key)).map(([, name]) => name)
    const words = [
      ...tellAll(joined, text.joined, text.manyJoined),
      ...tellAll(left, text.left, text.manyLeft),
    ]
    if (words.length > 0) say(words.join('. '))
  }
  const gather = (): void => {
    timer ??= setTimeout(tell, gatherMs)
  }
  awareness.on('change', gather)
  gather()
  return () => {
    awareness.off('change', gather)
    clearTimeout(timer)
  }
}

function othersIn(awareness: Awareness): Map<string, string> {
  const people = listPeople(awareness.getStates(), awareness.clientID)
  return new Map(people.filter(({ isSelf }) => !isSelf).map(({ key, name }) => [key, name]))
}

function tellAll(
  names: readonly string[],
  one: (name: string) => string,
  many: (count: number) => string,
): string[] {
  return names.length > maxNamed ? [many(names.length)] : names.map(one)
}
