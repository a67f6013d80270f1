import type { Rescue, Status } from '../index.ts'
import { text } from './text.ts'

/** What can be done about a trouble. */
export type Action =
  'copy' | 'download' | 'discard' | 'forget' | 'reload' | 'sign-in' | 'home' | 'restore' | 'dismiss'

/** A trouble that a word in the corner is too little for. */
export interface Notice {
  readonly tone: 'warn' | 'bad'
  readonly heading: string
  readonly hint: string
  readonly actions: readonly Action[]
}

export interface Situation {
  /** The document has been opened, from the server or from this device. */
  readonly isHere: boolean
  /** Something was written here that neither the server nor this device has. */
  readonly hasUnsaved: boolean
  /** Something was written here that the server does not have. */
  readonly isLastPlace: boolean
}

/** Offers text back that somebody's change removed. */
export function noticeOfRescue({ text: lost, isOwn, by, isBySelf }: Rescue): Notice {
  const words = text.banner
  const who = by ?? words.somebody
  const ofOthers = isBySelf ? words.removedByYou : words.removedOthers(who)
  return warn(isOwn ? words.removedYours(who) : ofOthers, words.removedText(lost), ['restore', 'dismiss'])
}

/** Null when there is no trouble, or a word in the corner says it all. */
export function noticeFor(status: Status, situation: Situation): Notice | null {
  const words = text.banner
  const { isHere, hasUnsaved } = situation
  const taking: readonly Action[] = isHere ? ['copy', 'download'] : []
  if (status.state === 'offline') {
    if (!isHere) return warn(words.unreachable, words.unreachableHint, ['home'])
    return hasUnsaved && !status.kept && status.isKeeping !== true
      ? warn(words.notKept, words.notKeptHint, taking)
      : null
  }
  if (status.state === 'refused')
    return bad(words.refused, words.refusedHint(status.reason), [...taking, 'discard'])
  return status.state === 'closed' ? noticeOfEnd(status, situation) : null
}

function noticeOfEnd({ code, reason }: Extract<Status, { state: 'closed' }>, situation: Situation): Notice {
  const words = text.banner
  const { isHere, isLastPlace } = situation
  const taking: readonly Action[] = isHere ? ['copy', 'download'] : []
  switch (code) {
    case 4410:
      if (!isHere) return bad(words.removed, words.removedNothing, ['home'])
      if (isLastPlace) return bad(words.removed, words.removedKept, [...taking, 'forget'])
      return bad(words.removed, words.removedHint, taking)
    case 4401:
      return warn(words.signedOut, words.signedOutHint, [...taking, 'sign-in'])
    case 4404:
      return bad(words.badName, words.badNameHint, ['home'])
    case 1009:
      return bad(words.tooBig, words.tooBigHint, [...taking, 'discard'])
    case 4422:
      return bad(words.refused, words.refusedHint(reason), [...taking, 'discard'])
    default:
      return bad(words.ended, words.endedHint(reason), [...taking, 'reload'])
  }
}

const warn = (heading: string, hint: string, actions: readonly Action[]): Notice => ({
  tone: 'warn',
  heading,
  hint,
  actions,
})

const bad = (heading: string, hint: string, actions: readonly Action[]): Notice => ({
  tone: 'bad',
  heading,
  hint,
  actions,
})
