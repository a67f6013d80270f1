/**
 * Keeps `--coscribe-keyboard` on an element at the height of what covers the foot of the page: the keyboard of a phone
 * whose browser lays it over the page. Returns what stops it. To be called before a long text is in the page, which
 * would have to be laid out for it.
 */
export function followKeyboard(element: HTMLElement): () => void {
  const page = element.ownerDocument.defaultView
  const seen = page?.visualViewport
  if (!page || !seen) return () => {}
  let shown = 0
  const measure = (): void => {
    // Zoomed in, the foot of the page is out of sight, but nothing covers it.
    const covered = seen.scale > 1.01 ? 0 : Math.max(0, page.innerHeight - seen.height - seen.offsetTop)
    // All styles in the element are computed anew for it.
    if (Math.round(covered) === shown) return
    shown = Math.round(covered)
    element.style.setProperty('--coscribe-keyboard', `${shown}px`)
  }
  const stop = new AbortController()
  seen.addEventListener('resize', measure, { signal: stop.signal })
  seen.addEventListener('scroll', measure, { signal: stop.signal })
  measure()
  return () => stop.abort()
}
