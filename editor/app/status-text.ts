import { html, svg, type TemplateResult } from 'lit'
import type { Status } from '../index.ts'
import { text } from './text.ts'

export interface StatusText {
  readonly words: string
  readonly tone: 'calm' | 'warn' | 'bad'
  readonly icon: TemplateResult
}

/** A status in words and a picture. `isHere`: the document has been opened, from the server or from this device. */
export function describeStatus(status: Status, isHere: boolean): StatusText {
  switch (status.state) {
    case 'connecting':
      return { words: text.status.connecting, tone: 'calm', icon: icons.dots }
    case 'syncing':
      return { words: text.status.syncing, tone: 'calm', icon: icons.dots }
    case 'saving':
      return { words: text.status.saving, tone: 'calm', icon: icons.cloudUp }
    case 'saved':
      return { words: text.status.saved, tone: 'calm', icon: icons.cloudCheck }
    case 'offline':
      return isHere
        ? describeOffline(status)
        : { words: text.status.unreachable, tone: 'warn', icon: icons.cloudOff }
    case 'read-only':
      return { words: text.status.readOnly, tone: 'calm', icon: icons.eye }
    case 'refused':
      return { words: text.status.refused, tone: 'bad', icon: icons.cloudOff }
    case 'closed':
      return { words: text.status.closed, tone: 'bad', icon: icons.cloudOff }
  }
}

function describeOffline({ kept, isKeeping }: Extract<Status, { state: 'offline' }>): StatusText {
  if (kept) return { words: text.status.offlineKept, tone: 'warn', icon: icons.device }
  if (isKeeping === true) return { words: text.status.offlineKeeping, tone: 'warn', icon: icons.device }
  return { words: text.status.offlineNotKept, tone: 'bad', icon: icons.cloudOff }
}

const icon = (paths: TemplateResult<2>) =>
  html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths}
  </svg>`

const cloud = 'M7 19a5 5 0 0 1-.6-9.960 6.500 6.500 0 0 1 12.400 1.560A4.300 4.300 0 0 1 18 19'

const icons = {
  dots: icon(svg`<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3" />`),
  cloudUp: icon(svg`<path d=${cloud} /><path d="M12 20v-7M9.500 15.500 12 13l2.500 2.500" />`),
  cloudCheck: icon(svg`<path d=${cloud} /><path d="m9.500 17 2 2 3.500-4" />`),
  cloudOff: icon(svg`<path d=${cloud} /><path d="M4 4l16 17" />`),
  device: icon(
    svg`<path d="M4 6a1.500 1.500 0 0 1 1.500-1.500h13A1.500 1.500 0 0 1 20 6v9H4ZM2 19h20" /><path d="m9.200 9.600 2 2 3.600-3.800" />`,
  ),
  eye: icon(
    svg`<path d="M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12Z" /><circle cx="12" cy="12" r="2.500" />`,
  ),
}
