import type { TemplateResult } from 'lit'
import type { Status } from '../index.ts'
import { icons } from './icons.ts'
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
