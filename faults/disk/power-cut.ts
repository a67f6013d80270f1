import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Random } from '../../test/random.ts'

const kinds = [
  '',
  'create',
  'write',
  'truncate',
  'sync begins',
  'sync ends',
  'rename',
  'unlink',
  'sync folder',
] as const

/** One thing that was done to a file of the folder, as disk.c wrote it down. */
export interface Deed {
  readonly kind: (typeof kinds)[number]
  readonly path: string
  readonly offset: number
  readonly data: Buffer
  /** Where its entry ends in the log. */
  readonly end: number
}

export function readDeeds(log: string): Deed[] {
  const bytes = readFileSync(log)
  const deeds: Deed[] = []
  for (let at = 0; at < bytes.length;) {
    const pathEnd = at + 15 + bytes.readUInt16LE(at + 1)
    const end = pathEnd + bytes.readUInt32LE(at + 11)
    deeds.push({
      kind: kinds[bytes.readUInt8(at)] ?? '',
      path: bytes.toString('utf8', at + 15, pathEnd),
      offset: Number(bytes.readBigUInt64LE(at + 3)),
      data: bytes.subarray(pathEnd, end),
      end,
    })
    at = end
  }
  return deeds
}

/** A disk tears writes between these: a sector is written whole or not at all. */
const sector = 512

interface File {
  durable: Buffer
  /** What is not synced yet, in order. */
  pending: Deed[]
  /** How much of it was there when the sync that is under way began. */
  syncing: number
}

/** What the disk holds for sure after some deeds, and what it may hold. */
export class Platter {
  #durable: ReadonlyMap<string, File> = new Map()
  #names: ReadonlyMap<string, File> = new Map()
  /** The names as they were after each change to them since the folder was synced. */
  #changes: ReadonlyMap<string, File>[] = []

  do(deed: Deed): void {
    const file = this.#names.get(deed.path)
    if (deed.kind === 'create' || deed.kind === 'rename' || deed.kind === 'unlink') {
      this.#names = rename(this.#names, deed)
      this.#changes.push(this.#names)
    } else if (deed.kind === 'sync folder') {
      this.#durable = this.#names
      this.#changes = []
    } else if (deed.kind === 'sync begins' && file) file.syncing = file.pending.length
    else if (deed.kind === 'sync ends' && file) sync(file)
    else file?.pending.push(deed)
  }

  /**
   * The folder as a power cut may leave it now. Of what a file was not synced for, each sector of each write is there
   * or not; of what happened to names since the folder was synced, some first part is. Nothing more than POSIX
   * promises is relied on.
   */
  cutPower(random: Random): Map<string, Buffer> {
    const left = random.pick([this.#durable, ...this.#changes])
    return new Map([...left].map(([path, file]) => [path, remains(file, random)]))
  }
}

/** Writes what is left into another folder. */
export function materialise(files: ReadonlyMap<string, Buffer>, from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const [path, content] of files) writeFileSync(join(to, relative(from, path)), content)
}

function rename(names: ReadonlyMap<string, File>, { kind, path, data }: Deed): Map<string, File> {
  const next = new Map(names)
  const file = next.get(path)
  if (kind === 'create') next.set(path, { durable: Buffer.alloc(0), pending: [], syncing: 0 })
  else next.delete(path)
  if (kind === 'rename' && file) next.set(data.toString(), file)
  return next
}

function sync(file: File): void {
  for (const deed of file.pending.splice(0, file.syncing))
    file.durable = apply(file.durable, deed, () => true)
  file.syncing = 0
}

function remains({ durable, pending }: File, random: Random): Buffer {
  // Discs differ: some keep nearly all of what was not synced, some nearly nothing.
  const luck = random.pick([0, 0.1, 0.5, 0.9, 1])
  let content: Buffer = Buffer.from(durable)
  for (const deed of pending) {
    const isWhole = random.chance(0.5)
    const isKept = random.chance(luck)
    if (deed.kind === 'truncate' ? isKept : isKept || !isWhole) {
      content = apply(content, deed, () => (isWhole ? isKept : random.chance(luck)))
    }
  }
  return content
}

function apply(content: Buffer, { kind, offset, data }: Deed, isKept: () => boolean): Buffer {
  if (kind === 'truncate') return resize(content, offset)
  const grown = content.length < offset + data.length ? resize(content, offset + data.length) : content
  let end = 0
  for (let start = 0; start < data.length; start = end) {
    end = Math.min(data.length, start + sector - ((offset + start) % sector))
    if (isKept()) data.copy(grown, offset + start, start, end)
  }
  return grown
}

function resize(content: Buffer, length: number): Buffer {
  const resized = Buffer.alloc(length)
  content.copy(resized, 0, 0, length)
  return resized
}
