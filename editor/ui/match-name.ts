/** How well a name fits what was typed, the greater the better; 0 where it doesn't. */
export function matchName(query: string, name: string, keywords: readonly string[] = []): number {
  const typed = fold(query)
  if (typed === '') return 1
  const own = scoreOf(typed, fold(name))
  const others = keywords.map((keyword) => scoreOf(typed, fold(keyword)) * 0.8)
  return Math.max(own, ...others)
}

/** Those that fit, the best first; equals keep their order. */
export function bestMatches<Item>(
  items: readonly Item[],
  query: string,
  namesOf: (item: Item) => { readonly name: string; readonly keywords?: readonly string[] },
): Item[] {
  return items
    .map((item) => {
      const { name, keywords } = namesOf(item)
      return { item, score: matchName(query, name, keywords) }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item)
}

/** Small letters without accents. */
function fold(text: string): string {
  const plain = /[^ -~]/.test(text) ? text.normalize('NFD').replace(/\p{M}/gu, '') : text
  return plain.toLowerCase().trim()
}

function scoreOf(typed: string, name: string): number {
  if (name === typed) return 100
  if (name.startsWith(typed)) return 80 - Math.min(20, name.length - typed.length)
  const at = name.indexOf(typed)
  if (at > 0) return /[\s\-_]/.test(name.charAt(at - 1)) ? 50 : 30
  return typed.length > 1 && holdsInOrder(typed, name) ? 10 : 0
}

/** Whether the letters stand in the name in that order, the first of them at the start of a word: `h2` in `heading 2`. */
function holdsInOrder(typed: string, name: string): boolean {
  const letters = Array.from(typed.replaceAll(' ', ''))
  let at = -1
  for (const [index, letter] of letters.entries()) {
    do at = name.indexOf(letter, at + 1)
    while (index === 0 && at > 0 && !/[\s\-_]/.test(name.charAt(at - 1)))
    if (at < 0) return false
  }
  return true
}
