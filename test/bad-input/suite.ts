import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hello } from '../../server/protocol/messages.ts'
import { type BadInput, expectOutcome, ignored, outcomeOn, send, wiresOf } from './bad-input.ts'
import { readDocument } from './guest.ts'
import { type Memory, ServerChild } from './server-child.ts'
import { canary, expectSame, Stage } from './stage.ts'
import type * as Y from 'yjs'

/** How often each is sent: enough for a slope. COSCRIBE_LONG=1 takes ten times as many. */
const repetitions = process.env['COSCRIBE_LONG'] === '1' ? 1000 : 100

/** Words of each person while one thing is under way; more would only make the documents long. */
const maxWordsPerRound = 300

/**
 * Most that may stay alive in the server for each repetition, in bytes. An honest visit leaves about 1 KB: the words
 * that people write meanwhile, and the journal's and Yjs' notes of them; looking twice gives up to 4 KB more or less. A
 * server that forgets to let go of its connections keeps 10 KB each.
 */
const maxBytesPerRepetition = 8 * 1024

/** Most that the process may grow by in one case, in bytes: collections come when V8 likes. */
const maxProcessGrowth = 160 * 1024 * 1024

/**
 * How much longer words may be under way behind bad input than behind an honest visitor, one of whom comes in between
 * now and then. What stops the server for a moment stops the words right behind it each time, so it shows in the
 * median, which the machine's other work hardly reaches; the slowest in a hundred shows what happens now and then, and
 * has to leave room for other work. Below the floors nobody notices that others' letters come late.
 */
const maxSlowdown = 5
const medianFloorMs = 50
const p99FloorMs = 500

/** Repetitions between two honest visitors, and between two looks at the memory; each costs a full collection. */
const perVisitor = 5
const perLook = repetitions / 10

/** A round of honest visitors, which fail by themselves when nothing comes. */
const hookTimeoutMs = 60_000

export interface Configuration {
  readonly title: string
  /** Options of the server. */
  readonly options: readonly string[]
  /** What people say first, where a name and a schema are not enough. */
  readonly hello?: Hello & { readonly token: string }
  readonly cases: readonly BadInput[]
}

/** An honest visitor, for comparison; of another document, because this one may be full. */
const visitor: BadInput = {
  id: 'control',
  name: 'somebody who reads and leaves',
  wire: 'each',
  door: { path: 'visitors' },
  bytes: () => '',
  outcome: ignored,
}

/** One server, to which everything in the table is sent, again and again, while people write. */
export function badInputSuite({ title, options, hello, cases }: Configuration): void {
  describe(title, () => {
    let server: ServerChild
    const put = (name: string) => Stage.set({ server, name: `${title}: ${name}`.slice(0, 150), hello })
    /** What people had in their documents when they left, by path. */
    const documents = new Map<string, Y.Doc>()

    beforeAll(async () => {
      server = await ServerChild.start(...options)
      const stage = await put('control')
      // What is compiled and read only once is left to them.
      await repeat(visitor, stage)
      stage.leave()
    }, hookTimeoutMs)
    afterAll(() => server.end())

    for (const bad of cases) test(`[${bad.id}] ${bad.name} (${bad.wire})`, () => meets(bad))

    const meets = async (bad: BadInput) => {
      const stage = await put(`${bad.id} ${bad.name}`)
      const release = await bad.before?.(stage)
      const figures = await repeat(bad, stage)
      const maxKept = maxBytesPerRepetition + (bad.addsBytes ?? 0)
      // What a server does not let go of it keeps every time; what V8 compiles or makes room for meanwhile, once.
      for (let again = 0; again < 2 && figures.bytesPerRepetition >= maxKept; again++)
        figures.bytesPerRepetition = (await repeat(bad, stage)).bytesPerRepetition
      await release?.()
      await stage.isWhole()
      if (bad.isLegal !== true) await stage.isUntouched()
      await bad.after?.(stage)
      for (const { path, doc } of stage.seen) documents.set(path, doc)
      stage.leave()
      expect(server.isRunning).toBe(true)
      tell(bad, figures)
      const { words, usual } = figures
      const latest = (floorMs: number, usualMs: number) => Math.max(floorMs, maxSlowdown * usualMs)
      expect(words.medianMs, 'a word').toBeLessThan(latest(medianFloorMs, usual.medianMs))
      expect(words.p99Ms, 'the slowest in a hundred').toBeLessThan(latest(p99FloorMs, usual.p99Ms))
      expect(figures.bytesPerRepetition, 'bytes kept per repetition').toBeLessThan(maxKept)
      expect(figures.processGrowth, 'bytes the process grew by').toBeLessThan(maxProcessGrowth)
    }

    test('[ST1] killed after all that, the server finds every document as people left it', async () => {
      expect(server.logged).not.toContain(canary)
      if (hello !== undefined) expect(server.logged).not.toContain(hello.token)
      expect(server.strangeFiles).toEqual([])
      await server.restart()
      expect(documents.size).toBeGreaterThanOrEqual(cases.length)
      for (const [path, doc] of documents)
        expectSame(await readDocument({ port: server.port, path, hello }), doc)
    })
  })
}

interface Figures {
  /** Behind bad input: the median of the words right behind it, and the slowest in a hundred of all. */
  readonly words: Latency
  /** Behind honest visitors. */
  readonly usual: Latency
  bytesPerRepetition: number
  readonly processGrowth: number
}

interface Latency {
  readonly medianMs: number
  readonly p99Ms: number
}

function latencyOf(rounds: readonly Round[]): Latency {
  const at = (times: readonly number[], part: number) =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? 0
  const first = rounds.flatMap(([words]) => words ?? [])
  return { medianMs: at(first, 0.5), p99Ms: at(rounds.flat(2), 0.99) }
}

/** Sends it again and again; right behind it, people write. */
async function repeat(bad: BadInput, stage: Stage): Promise<Figures> {
  const words: Round[] = []
  const usual: Round[] = []
  const looks: Look[] = [{ turn: 0, ...(await stage.server.memory()) }]
  const atOnce = bad.atOnce ?? 1
  for (let turn = 0; turn < repetitions; turn += atOnce) {
    const turns = Array.from({ length: atOnce }, (_, i) => turn + i)
    if (turn % perVisitor === 0) usual.push(await round(visitor, stage, [turn / perVisitor]))
    words.push(await round(bad, stage, turns))
    const done = turn + atOnce
    if (done % Math.max(atOnce, perLook) === 0) looks.push({ turn: done, ...(await stage.server.memory()) })
  }
  return {
    words: latencyOf(words),
    usual: latencyOf(usual),
    bytesPerRepetition: slope(looks),
    processGrowth: Math.max(...looks.map(({ rss }) => rss)) - (looks[0]?.rss ?? 0),
  }
}

/** Sends it on some connections at once, and has people write until it has come of all of them what should. */
async function round(bad: BadInput, stage: Stage, turns: readonly number[]): Promise<Round> {
  const wires = wiresOf(bad)
  const occasions = turns.map((turn) => ({ stage, turn, wire: wires[turn % wires.length] ?? 'none' }))
  const sent = await Promise.all(
    occasions.map(async (occasion) => ({ occasion, socket: await send(bad, occasion) })),
  )
  const socketsOf = sent.map(({ socket }) => socket)
  const outcomes = sent.map(async ({ occasion, socket }) => {
    await expectOutcome(socket, outcomeOn(occasion.wire, bad))
    await bad.lasts?.(occasion, socket)
  })
  let left = outcomes.length
  // A failure is told by `all`, below.
  for (const outcome of outcomes) outcome.catch(() => {}).finally(() => left--)
  const words: number[][] = []
  while (words.length === 0 || (left > 0 && words.length < maxWordsPerRound)) {
    words.push(await stage.everybodyTypes())
    if (bad.trickle !== undefined) for (const socket of socketsOf) socket.write(bad.trickle)
  }
  await Promise.all(outcomes)
  for (const socket of socketsOf) socket.destroy()
  return words
}

/** Milliseconds each word was under way, by the time it was written. */
type Round = readonly (readonly number[])[]

interface Look extends Memory {
  readonly turn: number
}

/**
 * Bytes that stay alive per repetition, from the second quarter to the last: the first warms up. Of each quarter the
 * least counts, because what is still on its way out when somebody looks does not stay.
 */
function slope(looks: readonly Look[]): number {
  const leastIn = (quarter: number) =>
    Math.min(
      ...looks.filter(({ turn }) => Math.ceil((4 * turn) / repetitions) === quarter).map(({ live }) => live),
    )
  return (leastIn(4) - leastIn(2)) / (repetitions / 2)
}

function tell(bad: BadInput, { words, usual, bytesPerRepetition, processGrowth }: Figures): void {
  const ms = ({ medianMs, p99Ms }: Latency) => `${medianMs.toFixed(1)} / ${p99Ms.toFixed(1)}`
  const memory = `${bytesPerRepetition.toFixed(0)} B kept each, process +${(processGrowth / 1024 / 1024).toFixed(0)} MB`
  const latency = `median / p99 ${ms(words)} ms, honest ${ms(usual)}`
  process.stderr.write(`  ${bad.id} ${bad.name} (${bad.wire}): ${latency}; ${memory}\n`)
}
