import { html, nothing } from 'lit'
import { laterIcon, type LaterIconName } from './later-icons.ts'

interface IconButton {
  readonly icon: LaterIconName
  /** Its name, which the pointer is shown, too. */
  readonly label: string
  /** Without one it submits the form that it is in. */
  readonly press?: () => void
  /** Set for what is on or off. */
  readonly isOn?: boolean
  /** Leaves the focus, and with it the selection, in the text. */
  readonly leavesFocus?: boolean
}

/** A button that shows an icon and nothing else. */
export function iconButton({ icon, label, press, isOn, leavesFocus = false }: IconButton) {
  return html`<button
    type=${press === undefined ? 'submit' : 'button'}
    class="coscribe-tool"
    part="tool"
    title=${label}
    aria-label=${label}
    aria-pressed=${isOn ?? nothing}
    @mousedown=${(event: Event) => leavesFocus && event.preventDefault()}
    @click=${press}
  >
    ${laterIcon(icon)}
  </button>`
}
