import type { Menu, Source } from './completion-menu.ts'
import type { Emoji } from './emoji-list.ts'
import type { Choice } from './listbox.ts'
import { bestMatches } from './match-name.ts'
import { laterText } from './later-text.ts'

/** Most that is offered at once. */
const maxOffered = 40
const maxRecent = 24
const recentKey = 'coscribe:emoji'

/** The `:` menu; its data is loaded when it first opens. */
export function emojiSource(): Source {
  return {
    label: laterText.emojis.menu,
    find: async (query, menu) => {
      const { emojis } = await import('./emoji-list.ts')
      const recent = readRecent()
      const known = new Map(emojis.map((emoji) => [emoji.unicode, emoji]))
      const used = recent.map((unicode) => known.get(unicode)).filter((emoji) => emoji !== undefined)
      if (query === '') {
        const fresh = emojis.slice(0, maxOffered).filter((emoji) => !used.includes(emoji))
        return [
          { label: laterText.emojis.recent, choices: used.map((emoji) => toChoice(emoji, menu)) },
          { label: laterText.emojis.all, choices: fresh.map((emoji) => toChoice(emoji, menu)) },
        ].filter(({ choices }) => choices.length > 0)
      }
      const words = query.replaceAll('_', ' ')
      const best = bestMatches(emojis, words, ({ name, words: keywords }) => ({ name, keywords }))
      const first = best.filter((emoji) => used.includes(emoji))
      const choices = [...first, ...best.filter((emoji) => !used.includes(emoji))].slice(0, maxOffered)
      // No emoji is meant after a colon that only ends a phrase.
      if (choices.length === 0) return null
      return [{ label: laterText.emojis.menu, choices: choices.map((emoji) => toChoice(emoji, menu)) }]
    },
  }
}

function toChoice({ unicode, name }: Emoji, menu: Menu): Choice {
  const choose = (): void =>
    menu.replaceTyped((view) => {
      view.dispatch(view.state.tr.insertText(unicode).scrollIntoView())
      noteRecent(unicode)
    })
  return { id: unicode, label: name, picture: unicode, choose }
}

/** What was used here last, the latest first; none where the browser keeps nothing. */
function readRecent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(recentKey) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string').slice(0, maxRecent) : []
  } catch {
    // Storage is forbidden here, or somebody else wrote to it.
    return []
  }
}

function noteRecent(unicode: string): void {
  const recent = [unicode, ...readRecent().filter((one) => one !== unicode)].slice(0, maxRecent)
  try {
    localStorage.setItem(recentKey, JSON.stringify(recent))
  } catch {
    // The next menu just doesn't know.
  }
}
