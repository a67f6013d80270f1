import type { Answer, Calls, Request } from './calls.ts'
import { churn } from './churn.ts'
import { Crew } from './crew.ts'
import { Crowd } from './crowd.ts'
import { joinAtOnce } from './joins.ts'
import type { Member } from './member.ts'
import { Storm } from './storm.ts'

/** A process that only makes load: its CPU is not the server's. Ends with the one that started it. */
let crew: Crew | null = null
let joiners: Member[] = []
let crowd: Crowd | null = null
let storm: Storm | null = null

function there(): Crew {
  if (crew === null) throw new Error('no crew was opened')
  return crew
}

const calls: Calls = {
  open: (options) => {
    crew = new Crew(options)
    return crew.open()
  },
  begin: () => {
    there().begin()
    return Promise.resolve()
  },
  work: (perSecond, ms) => there().work(perSecond, ms),
  arrived: (strokes, timeoutMs) => there().arrived(strokes, timeoutMs),
  documents: () => there().documents(),
  join: async (options) => {
    for (const member of joiners) member.leave()
    const { joined, members } = await joinAtOnce(options)
    joiners = members
    return joined
  },
  crowd: ({ target, firstRoom, people }) => (crowd ??= new Crowd(target, firstRoom)).growTo(people),
  churn,
  settle: (options) => {
    storm = new Storm(options)
    return storm.settle()
  },
  storm: () => {
    if (storm === null) throw new Error('nobody was there before')
    return storm.comeBack()
  },
  pause: (count) => {
    there().pause(count)
    return Promise.resolve()
  },
  resume: (count) => {
    there().resume(count)
    return Promise.resolve()
  },
}

process.on('disconnect', () => process.exit())
process.on('message', ({ id, call, args }: Request) => {
  const reply = (answer: Omit<Answer, 'id'>) => process.send?.({ id, ...answer })
  const run = calls[call] as (...args: readonly unknown[]) => Promise<unknown>
  // A call that throws at once is answered, too.
  Promise.resolve()
    .then(() => run(...args))
    .then(
      (result) => reply({ result }),
      (error: unknown) =>
        reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
})
