import { html, nothing, render } from 'lit'

/** An entry of a menu; null is a line between entries. */
export type MenuEntry = {
  readonly label: string
  readonly icon?: SVGElement
  /** Set for an entry that is on or off; `radio` when just one of several is on. */
  readonly isChecked?: boolean
  readonly isRadio?: boolean
  readonly isDisabled?: boolean
  readonly isDanger?: boolean
  readonly run: () => void
} | null

interface MenuOptions {
  /** The button it hangs on; it tells screen readers whether the menu is open. */
  readonly anchor: HTMLElement
  /** What it is put into and stays within; positioned. */
  readonly page: HTMLElement
  readonly label: string
  readonly entries: readonly MenuEntry[]
  /** Called when it has closed, with whether an entry ran; the focus is on the button when none did. */
  readonly onClose: (hasRun: boolean) => void
}

/** Opens a menu under a button, the focus in it: arrow keys and first letters go through it, Escape closes it. */
export function openMenu({ anchor, page, label, entries, onClose }: MenuOptions): { close(): void } {
  const dom = page.ownerDocument.createElement('div')
  dom.className = 'coscribe-control-menu'
  dom.setAttribute('role', 'menu')
  dom.setAttribute('aria-label', label)
  const stop = new AbortController()
  const finish = (hasRun: boolean): void => {
    if (stop.signal.aborted) return
    const hadFocus = dom.contains(page.ownerDocument.activeElement)
    stop.abort()
    dom.remove()
    anchor.setAttribute('aria-expanded', 'false')
    if (!hasRun && hadFocus) anchor.focus({ preventScroll: true })
    onClose(hasRun)
  }
  const choose = (entry: NonNullable<MenuEntry>): void => {
    finish(true)
    entry.run()
  }
  render(
    entries.map((entry) => drawEntry(entry, choose)),
    dom,
  )
  page.append(dom)
  anchor.setAttribute('aria-expanded', 'true')
  const options = { signal: stop.signal }
  dom.addEventListener('keydown', (event) => moveByKey(event, dom, finish), options)
  page.ownerDocument.addEventListener(
    'pointerdown',
    ({ target }) => {
      if (target instanceof Node && !dom.contains(target) && !anchor.contains(target)) finish(false)
    },
    { ...options, capture: true },
  )
  page.ownerDocument.defaultView?.addEventListener('resize', () => finish(false), options)
  placeUnder(dom, anchor.getBoundingClientRect(), page)
  entriesOf(dom)[0]?.focus({ preventScroll: true })
  return { close: () => finish(false) }
}

function drawEntry(entry: MenuEntry, choose: (entry: NonNullable<MenuEntry>) => void) {
  if (entry === null) return html`<div role="separator"></div>`
  const { isChecked, isRadio, isDisabled, isDanger } = entry
  const role = isChecked === undefined ? 'menuitem' : isRadio === true ? 'menuitemradio' : 'menuitemcheckbox'
  return html`<button
    type="button"
    role=${role}
    tabindex="-1"
    class=${isDanger === true ? 'coscribe-danger' : nothing}
    aria-checked=${isChecked === undefined ? nothing : String(isChecked)}
    aria-disabled=${isDisabled === true ? 'true' : nothing}
    @click=${() => isDisabled !== true && choose(entry)}
  >
    ${entry.icon ?? nothing}<span>${entry.label}</span>
  </button>`
}

function entriesOf(dom: HTMLElement): HTMLElement[] {
  return [...dom.querySelectorAll<HTMLElement>('button:not([aria-disabled])')]
}

function moveByKey(event: KeyboardEvent, dom: HTMLElement, finish: (hasRun: boolean) => void): void {
  const all = entriesOf(dom)
  const at = all.findIndex((entry) => entry === dom.ownerDocument.activeElement)
  const next = nextEntry(event, { at, all })
  if (event.key === 'Escape' || event.key === 'Tab') finish(false)
  else if (next === undefined) return
  event.preventDefault()
  event.stopPropagation()
  next?.focus({ preventScroll: true })
  next?.scrollIntoView({ block: 'nearest' })
}

interface Focused {
  readonly at: number
  readonly all: readonly HTMLElement[]
}

function nextEntry({ key, ctrlKey, metaKey }: KeyboardEvent, { at, all }: Focused): HTMLElement | undefined {
  if (key === 'ArrowDown') return all[(at + 1) % all.length]
  if (key === 'ArrowUp') return all.at(at <= 0 ? -1 : at - 1)
  if (key === 'Home') return all[0]
  if (key === 'End') return all.at(-1)
  if (key.length > 1 || key === ' ' || ctrlKey || metaKey) return undefined
  const isMeant = (entry: HTMLElement) => entry.textContent.trim().toLowerCase().startsWith(key.toLowerCase())
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find(isMeant)
}

/** Puts an element under a place on the screen, or above it where there is more room, inside the page's width. */
export function placeUnder(dom: HTMLElement, place: DOMRect, page: HTMLElement): void {
  const origin = page.getBoundingClientRect()
  const widest = Math.max(8, page.clientWidth - dom.offsetWidth - 8)
  const left = Math.min(Math.max(8, place.left - origin.left), widest)
  const room = page.ownerDocument.documentElement.clientHeight
  const fitsBelow = place.bottom + 6 + dom.offsetHeight < room || place.top < dom.offsetHeight + 6
  const top = fitsBelow ? place.bottom + 6 : place.top - 6 - dom.offsetHeight
  dom.style.setProperty('left', `${Math.round(left)}px`)
  dom.style.setProperty('top', `${Math.round(top - origin.top)}px`)
}
