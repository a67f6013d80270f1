/** The controls of a toolbar as one stop for Tab. */
export interface Roving {
  /** Takes in controls that have come or gone. */
  readonly refresh: () => void
  /** Moves the focus to the control it was last on. */
  readonly focus: () => void
  readonly stop: () => void
}

/** Arrow keys, Home and End move between the controls in `dom`; Escape calls `leave`. */
export function roving(dom: HTMLElement, leave: () => void): Roving {
  const ended = new AbortController()
  let current = 0
  const controls = (): HTMLElement[] => [...dom.querySelectorAll<HTMLElement>('select, button')]
  const rove = (index: number): void => {
    const all = controls()
    current = all.length === 0 ? 0 : (index + all.length) % all.length
    // What is disabled can't be the one stop for Tab.
    const isOff = all[current]?.matches(':disabled') === true
    const stop = isOff ? all.findIndex((control) => !control.matches(':disabled')) : current
    all.forEach((control, at) => (control.tabIndex = at === stop ? 0 : -1))
  }
  const onFocus = (event: FocusEvent): void => {
    const index = controls().findIndex((control) => control === event.target)
    if (index >= 0) rove(index)
  }
  const onKey = (event: KeyboardEvent): void => {
    const next = nextControl(event, { current, count: controls().length })
    if (event.key === 'Escape') leave()
    if (next === undefined) return
    event.preventDefault()
    rove(next)
    controls()[current]?.focus()
  }
  dom.addEventListener('focusin', onFocus, { signal: ended.signal })
  dom.addEventListener('keydown', onKey, { signal: ended.signal })
  return {
    refresh: () => rove(current),
    focus: () => controls()[current]?.focus(),
    stop: () => ended.abort(),
  }
}

function nextControl(event: KeyboardEvent, { current, count }: { current: number; count: number }) {
  const isRightToLeft = event.currentTarget instanceof Element && event.currentTarget.matches(':dir(rtl)')
  const forward = isRightToLeft ? -1 : 1
  if (event.key === 'ArrowRight') return current + forward
  if (event.key === 'ArrowLeft') return current - forward
  if (event.key === 'Home') return 0
  return event.key === 'End' ? count - 1 : undefined
}
