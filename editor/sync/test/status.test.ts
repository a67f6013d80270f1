import { expect, test } from 'vitest'
import { type Circumstances, decideStatus, type Status } from '../status.ts'

const writing: Circumstances = {
  isConnected: true,
  wasConnected: true,
  isSynced: true,
  isAllSaved: true,
  keeping: 'failing',
  hasUnsaved: false,
  role: 'editor',
  refused: null,
  closed: null,
}

const closed = { code: 4410, reason: 'the document was deleted' }

test.each<[string, Partial<Circumstances>, Status]>([
  ['everything is acknowledged', {}, { state: 'saved' }],
  ['something is not', { isAllSaved: false }, { state: 'saving' }],
  ['the content is not here yet', { isSynced: false }, { state: 'syncing' }],
  ['it has never been connected', { isConnected: false, wasConnected: false }, { state: 'connecting' }],
  ['the connection was lost', { isConnected: false }, { state: 'offline', kept: false }],
  [
    'the connection was lost, but not the text',
    { isConnected: false, keeping: 'kept' },
    { state: 'offline', kept: true },
  ],
  [
    'the connection was lost, and the text is on its way to this device',
    { isConnected: false, keeping: 'keeping' },
    { state: 'offline', kept: false, isKeeping: true },
  ],
  ['this page may only read', { role: 'viewer' }, { state: 'read-only' }],
  [
    'this page may only read, and nothing of it was acknowledged',
    { role: 'viewer', isAllSaved: false },
    { state: 'read-only' },
  ],
  [
    'this page may only read, and has something the server does not have',
    { role: 'viewer', isAllSaved: false, hasUnsaved: true },
    { state: 'refused', reason: 'this document may only be read here' },
  ],
  ['an update was refused', { refused: 'too deep' }, { state: 'refused', reason: 'too deep' }],
  [
    'it was refused, then the connection was lost',
    { refused: 'no', isConnected: false },
    { state: 'refused', reason: 'no' },
  ],
  ['it is over', { closed }, { state: 'closed', ...closed }],
  [
    'it is over after a refusal',
    { closed, refused: 'no', isConnected: false },
    { state: 'closed', ...closed },
  ],
])('[S1] when %s', (_when, change, expected) => {
  expect(decideStatus({ ...writing, ...change })).toEqual(expected)
})

test('[S1] saved is said in exactly one of all circumstances', () => {
  const flags = ['isConnected', 'wasConnected', 'isSynced', 'isAllSaved', 'hasUnsaved'] as const
  const saved: Circumstances[] = []
  for (let bits = 0; bits < 2 ** flags.length; bits++) {
    const chosen = Object.fromEntries(flags.map((flag, bit) => [flag, (bits & (1 << bit)) !== 0]))
    for (const role of ['editor', 'viewer'] as const)
      for (const refused of [null, 'no'])
        for (const over of [null, closed]) {
          const now = { ...writing, ...chosen, role, refused, closed: over }
          if (decideStatus(now).state === 'saved') saved.push(now)
        }
  }
  const essential = {
    isConnected: true,
    isSynced: true,
    isAllSaved: true,
    role: 'editor',
    refused: null,
    closed: null,
  }
  expect(saved).toHaveLength(4)
  for (const each of saved) expect(each).toMatchObject(essential)
})
