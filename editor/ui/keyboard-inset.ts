import { Plugin } from 'prosemirror-state'
import { lasting } from '../lasting-view.ts'
import { frameOf } from './chrome.ts'

/**
 * Keeps `--coscribe-keyboard` on the frame of an editor at the height of what covers the foot of the page: the keyboard
 * of a phone whose browser lays it over the page.
 */
export function keyboardInset(): Plugin {
  return new Plugin({
    view: lasting(({ dom }) => {
      const frame = frameOf(dom)
      return { destroy: frame === null ? () => {} : followKeyboard(frame) }
    }),
  })
}

function followKeyboard(element: HTMLElement): () => void {
  const page = element.ownerDocument.defaultView
  const seen = page?.visualViewport
  if (!page || !seen) return () => {}
  let shown = 0
  const measure = (): void => {
    const covered = page.innerHeight - seen.height - seen.offsetTop
    // Zoomed in, the foot of the page is out of sight, but nothing covers it.
    const height = seen.scale > 1.01 ? 0 : Math.max(0, Math.round(covered))
    // All styles in the frame are computed anew for it.
    if (height === shown) return
    shown = height
    element.style.setProperty('--coscribe-keyboard', `${shown}px`)
  }
  const stop = new AbortController()
  seen.addEventListener('resize', measure, { signal: stop.signal })
  seen.addEventListener('scroll', measure, { signal: stop.signal })
  measure()
  return () => stop.abort()
}
