import type { Padding, Placement, ReferenceElement } from '@floating-ui/dom'
import { frameOf } from './chrome.ts'

/** Something shown beside something else, kept in view. */
export interface Floating {
  /** Measures and places again; called when what it stands beside may have moved. */
  readonly update: () => void
  readonly stop: () => void
}

export interface FloatOptions {
  readonly placement: Placement
  /** Pixels between the two; default 6. */
  readonly gap?: number
  /** Tallest the floating element may be, in pixels; it scrolls then. Default: as tall as it is. */
  readonly maxHeight?: number
}

const edge = 8
const leastHeight = 96

/**
 * Places `element` beside `reference`: on the other side where it wouldn't fit, shifted into view, and again on every
 * scroll and resize. It has the class `is-placed` from the first time on; until then it should be invisible.
 */
export function float(element: HTMLElement, reference: ReferenceElement, options: FloatOptions): Floating {
  let isStopped = false
  let update = (): void => {}
  let stop = (): void => {}
  void import('@floating-ui/dom').then(({ autoUpdate, computePosition, flip, offset, shift, size }) => {
    if (isStopped) return
    const { placement, gap = 6, maxHeight } = options
    const fit = (padding: Padding) =>
      size({
        padding,
        apply: ({ availableHeight }) => {
          if (maxHeight === undefined) return
          const height = Math.min(maxHeight, Math.max(leastHeight, availableHeight))
          element.style.setProperty('max-height', `${Math.floor(height)}px`)
        },
      })
    update = () => {
      const padding = findPadding(element)
      const middleware = [offset(gap), flip({ padding }), shift({ padding }), fit(padding)]
      void computePosition(reference, element, { placement, middleware }).then(({ x, y }) => {
        if (isStopped) return
        element.style.setProperty('left', `${Math.round(x)}px`)
        element.style.setProperty('top', `${Math.round(y)}px`)
        element.classList.add('is-placed')
      })
    }
    stop = autoUpdate(reference, element, update)
  })
  return {
    update: () => update(),
    stop: () => {
      isStopped = true
      stop()
      element.classList.remove('is-placed')
    },
  }
}

/** The edges of the window, less the fixed toolbar at one of them. */
function findPadding(element: HTMLElement): Padding {
  const bar = frameOf(element)?.querySelector('.coscribe-toolbar')?.getBoundingClientRect()
  const height = element.ownerDocument.documentElement.clientHeight
  if (bar === undefined || bar.height === 0) return edge
  const isAtTop = bar.top + bar.bottom < height
  return isAtTop
    ? { top: Math.max(edge, bar.bottom + 4), left: edge, right: edge, bottom: edge }
    : { top: edge, left: edge, right: edge, bottom: Math.max(edge, height - bar.top + 4) }
}
