/** Where ProseMirror notes in copied HTML what it was a piece of. */
const note = /data-pm-slice/gi

/**
 * Takes that note out of pasted HTML unless it reads as one. ProseMirror throws at some that do not, and then the browser
 * pastes by itself, what nobody has cleaned.
 */
export function dropFalseNotes(html: string): string {
  const mentions = html.match(note)?.length ?? 0
  if (mentions === 0) return html
  const page = new DOMParser().parseFromString(html, 'text/html')
  const found = [...page.querySelectorAll('[data-pm-slice]')]
  const isGenuine = found.length === mentions && found.every(isNote)
  return isGenuine ? html : html.replace(note, 'data-no-slice')
}

function isNote(element: Element): boolean {
  const written = /^\d+ \d+(?: -\d+)? (.*)$/.exec(element.getAttribute('data-pm-slice') ?? '')?.[1]
  if (written === undefined) return false
  try {
    const context: unknown = JSON.parse(written)
    return Array.isArray(context)
  } catch {
    return false
  }
}
