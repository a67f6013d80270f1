import { describe, expect, test } from 'vitest'
import type { Status } from '../../index.ts'
import { noticeFor, noticeOfRescue, type Situation } from '../notice.ts'
import { toFileName } from '../take-away.ts'
import { text } from '../text.ts'

const written: Situation = { isHere: true, hasUnsaved: false, isLastPlace: false }
const closed = (code: number, reason = ''): Status => ({ state: 'closed', code, reason })

describe('[S7][S8] a trouble is told with what can be done', () => {
  test.each<[string, Status, Partial<Situation>, string | null, string[]]>([
    ['all is well', { state: 'saved' }, {}, null, []],
    ['it is kept', { state: 'offline', kept: true }, { isLastPlace: true }, null, []],
    ['it is being kept', { state: 'offline', kept: false, isKeeping: true }, { hasUnsaved: true }, null, []],
    ['nothing was written', { state: 'offline', kept: false }, {}, null, []],
    [
      'it is not kept',
      { state: 'offline', kept: false },
      { hasUnsaved: true },
      text.banner.notKept,
      ['copy', 'download'],
    ],
    [
      'there is no copy',
      { state: 'offline', kept: true },
      { isHere: false },
      text.banner.unreachable,
      ['home'],
    ],
    [
      'it is refused',
      { state: 'refused', reason: 'no' },
      {},
      text.banner.refused,
      ['copy', 'download', 'discard'],
    ],
    ['it is deleted', closed(4410), {}, text.banner.removed, ['copy', 'download']],
    [
      'it is deleted, with something of ours',
      closed(4410),
      { isLastPlace: true },
      text.banner.removed,
      ['copy', 'download', 'forget'],
    ],
    ['it was deleted long ago', closed(4410), { isHere: false }, text.banner.removed, ['home']],
    ['the password changed', closed(4401), {}, text.banner.signedOut, ['copy', 'download', 'sign-in']],
    ['it is too big', closed(1009), {}, text.banner.tooBig, ['copy', 'download', 'discard']],
    ['it is damaged', closed(4422, 'no'), {}, text.banner.refused, ['copy', 'download', 'discard']],
    ['the name is none', closed(4404), { isHere: false }, text.banner.badName, ['home']],
    ['it is something new', closed(4499, 'moon'), {}, text.banner.ended, ['copy', 'download', 'reload']],
  ])('when %s', (_when, status, change, heading, actions) => {
    const notice = noticeFor(status, { ...written, ...change })
    expect([notice?.heading ?? null, [...(notice?.actions ?? [])]]).toEqual([heading, actions])
  })
})

test('[S7] a downloaded file has a name that every system takes', () => {
  expect(toFileName('Plan: B/C\n"final"?')).toBe('Plan B C final')
  expect(toFileName('  ...')).toBe('document')
  expect(toFileName('Seite 1.')).toBe('Seite 1')
  expect(toFileName('文書')).toBe('文書')
  expect(toFileName('x'.repeat(300))).toHaveLength(80)
})

describe('[E42] text that a change removed is offered with whose change it was', () => {
  test.each<[boolean, string | null, boolean, string]>([
    [true, 'Ada', false, 'Ada’s change removed text you typed'],
    [true, null, false, 'Somebody’s change removed text you typed'],
    [false, 'Ada', false, 'Ada’s change removed text that somebody typed meanwhile'],
    [false, null, true, 'Your change removed text that somebody typed meanwhile'],
  ])('typed here: %s, by %s, by oneself: %s', (isOwn, by, isBySelf, heading) => {
    const notice = noticeOfRescue({ text: 'words', isOwn, by, isBySelf, restore: () => {} })
    expect([notice.heading, notice.actions]).toEqual([heading, ['restore', 'dismiss']])
    expect(notice.hint).toContain('words')
  })
})
