import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { openStore } from '../persistence/sqlite/open.ts'
import { Random } from '../test/random.ts'
import { Disk, needShim } from './disk/disk.ts'
import { materialise, Platter, readDeeds } from './disk/power-cut.ts'
import { faultsOf } from './ledger.ts'
import { failing, isLong, say, seed, ServerProcess, temporaryFolder } from './server-process.ts'
import { freePort } from '../test/free-port.ts'
import { Writer } from './writer.ts'

const cuts = isLong ? 1000 : 200

/** How much of the log of deeds there was when a client learned that these tokens of a document were saved. */
interface Acknowledgement {
  readonly end: number
  readonly document: string
  readonly tokens: readonly string[]
}

/** Writes into two documents until enough is acknowledged, noting when. */
async function write(server: ServerProcess, disk: Disk, enough: number): Promise<Acknowledgement[]> {
  const acknowledgements: Acknowledgement[] = []
  let saved = 0
  const writers = ['one', 'two'].flatMap((document, index) =>
    ['a', 'b'].map((letter) => ({
      document,
      name: `${index}${letter}`,
      writer: new Writer(server.host, document),
    })),
  )
  await Promise.all(writers.map(({ writer }) => writer.synced()))
  await new Promise<void>((resolve) => {
    for (const { writer, document, name } of writers) {
      let known = 0
      let number = 0
      const more = () => {
        const tokens = writer.saved.slice(known)
        known += tokens.length
        saved += tokens.length
        if (tokens.length > 0) acknowledgements.push({ end: statSync(disk.log).size, document, tokens })
        if (saved >= enough || writer.closing !== null) resolve()
        else while (writer.unsaved < 4) writer.writes(`${name}-${++number}`)
      }
      writer.on('change', more)
      more()
    }
  })
  return acknowledgements
}

/** What is wrong with the folder that a power cut left; nothing when all is well. */
function check(folder: string, acknowledged: ReadonlyMap<string, string[]>): string[] {
  const faults: string[] = []
  const store = openStore(folder, ({ reason }) => faults.push(`damaged: ${reason}`))
  for (const [document, tokens] of acknowledged) {
    const { state, records, damage } = store.load(document)
    const doc = new Y.Doc()
    for (const { bytes } of state === null ? records : [state, ...records]) Y.applyUpdate(doc, bytes)
    if (damage !== null) faults.push(`${document}: ${damage.detail}`)
    faults.push(...faultsOf(doc.getText('ledger').toJSON(), tokens).map((fault) => `${document}: ${fault}`))
  }
  faults.push(...store.verify(0).damaged.map(({ damage }) => damage.detail))
  store.close()
  return faults
}

function acknowledgedBefore(all: readonly Acknowledgement[], end: number): Map<string, string[]> {
  const known = new Map<string, string[]>()
  for (const { document, tokens, ...acknowledgement } of all) {
    if (acknowledgement.end <= end) known.set(document, [...(known.get(document) ?? []), ...tokens])
  }
  return known
}

test(
  `[ST1] nothing acknowledged is lost, and every document is readable, after ${cuts} power cuts`,
  { timeout: 1_200_000 },
  async (context) => {
    needShim(context, 'cutting the power')
    const random = new Random(seed)
    const folder = temporaryFolder()
    const disk = new Disk(folder, temporaryFolder(), true)
    const server = new ServerProcess(folder, await freePort(), { env: disk.env })
    await server.start()
    const acknowledgements = await write(server, disk, isLong ? 4000 : 1000)
    await server.end('SIGKILL')
    const deeds = readDeeds(disk.log)
    const wrong: string[] = []
    const scratch = temporaryFolder()
    let tested = 0
    const moments = Array.from({ length: cuts }, () => random.below(deeds.length)).sort((a, b) => a - b)
    const platter = new Platter()
    let done = 0
    for (const [cut, moment] of moments.entries()) {
      while (done <= moment) platter.do(deeds[done++] ?? failing('no such deed'))
      const acknowledged = acknowledgedBefore(acknowledgements, deeds[moment]?.end ?? 0)
      const left = join(scratch, 'left')
      materialise(platter.cutPower(random), folder, left)
      const faults = check(left, acknowledged)
      tested += [...acknowledged.values()].flat().length
      if (readdirSync(left).some((name) => name.startsWith('coscribe.damaged-'))) faults.push('kept aside')
      if (faults.length > 0) wrong.push(`cut ${cut} after ${moment} deeds: ${faults.slice(0, 3).join(', ')}`)
      rmSync(left, { recursive: true })
    }
    say(
      `${wrong.length} of ${cuts} power cuts lost an acknowledged edit or a document; ${tested} acknowledged edits ` +
        `looked for, ${deeds.length} writes and syncs recorded (seed ${seed})`,
    )
    expect(wrong).toEqual([])
    expect(tested).toBeGreaterThan(cuts * 100)
    expect(deeds.some(({ kind }) => kind === 'sync ends')).toBe(true)
  },
)
