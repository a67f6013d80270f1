import data from 'emojibase-data/en/compact.json' with { type: 'json' }

/** An emoji and the words it is found by. */
export interface Emoji {
  readonly unicode: string
  readonly name: string
  readonly words: readonly string[]
}

/** Every emoji of the current Unicode in its usual order, without skin tones and parts. */
export const emojis: readonly Emoji[] = data
  .flatMap((entry) =>
    entry.order !== undefined && entry.group !== 2 ? [{ ...entry, order: entry.order }] : [],
  )
  .sort((a, b) => a.order - b.order)
  .map(({ unicode, label, tags }) => ({ unicode, name: label, words: tags }))
