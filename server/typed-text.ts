import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { freshEncoder } from './protocol/scratch.ts'
import { Refusal, UpdateReader } from './update-reader.ts'
import { contentKind } from './update-structs.ts'

/**
 * An update that is nothing but text behind the last text of its client, as nearly all typing is: one item, whose
 * origin is the clock before it.
 */
export interface Stroke extends Beginning {
  /** How many clocks it takes. */
  readonly length: number
  /** In UTF-8. */
  readonly text: Uint8Array
  /** All of it. */
  readonly update: Uint8Array
}

/** Where text begins. */
interface Beginning {
  readonly client: number
  readonly clock: number
  /** Its right origin; both -1 when it has none. */
  readonly rightClient: number
  readonly rightClock: number
}

/** Null for what is anything else, or malformed: that is for the gate to say. */
export function readStroke(update: Uint8Array): Stroke | null {
  const isOneItem = update[0] === 1 && update[1] === 1 && update[update.length - 1] === 0
  if (!isOneItem) return null
  try {
    return read(update, new UpdateReader(update, noValues))
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

function read(update: Uint8Array, reader: UpdateReader): Stroke | null {
  reader.varUint()
  reader.varUint()
  const client = reader.varUint()
  const clock = reader.varUint()
  const info = reader.byte()
  if ((info & ~hasRightOrigin) !== textBehindOrigin) return null
  if (reader.varUint() !== client || reader.varUint() !== clock - 1) return null
  const isBetween = (info & hasRightOrigin) !== 0
  const rightClient = isBetween ? reader.varUint() : -1
  const rightClock = isBetween ? reader.varUint() : -1
  const bytes = reader.count(1)
  const start = reader.position
  const length = reader.textOf(bytes)
  const text = update.subarray(start, reader.position)
  if (length === 0 || reader.varUint() !== 0 || reader.bytesLeft > 0) return null
  return { client, clock, length, rightClient, rightClock, text, update }
}

/**
 * Whether the stroke goes on right behind the last item of its client in `doc`, and that is text which stands. Then the
 * gate would accept it: its parent, its origin and its right origin are those of an item that was accepted, and nobody
 * can have put anything between the two but beside them.
 */
export function goesOnIn(doc: Y.Doc, stroke: Stroke): boolean {
  const last = doc.store.clients.get(stroke.client)?.at(-1)
  if (!(last instanceof Y.Item) || !(last.content instanceof Y.ContentString)) return false
  if (last.deleted || last.parentSub !== null || last.id.clock + last.length !== stroke.clock) return false
  return last.rightOrigin === null
    ? stroke.rightClient === -1
    : last.rightOrigin.client === stroke.rightClient && last.rightOrigin.clock === stroke.rightClock
}

export type ClientClock = readonly [client: number, clock: number]

/** How far somebody has got with a run. */
interface Place {
  clock: number
  byte: number
}

/** What strokes of one client in a row add up to: one longer stroke. Its bytes are copied: little is kept of a frame. */
interface Run {
  readonly first: Beginning
  text: Uint8Array
  readonly end: Place
  readonly told: Place
  readonly stored: Place
}

/**
 * Strokes that wait to get into the document, one update however many they are. Others are told of them and the log
 * gets them before that, each from where they had got.
 */
export class TypedText {
  readonly #runs = new Map<number, Run>()
  /** Of the updates they came as. */
  #bytes = 0
  /** The strokes others have not been told of. */
  #untold = 0
  #lastUntold: Stroke | null = null

  /** Whether the stroke goes on behind what is here of its client; null when there is nothing. */
  isFollowedBy(stroke: Stroke): boolean | null {
    const run = this.#runs.get(stroke.client)
    if (run === undefined) return null
    const { rightClient, rightClock } = run.first
    return (
      run.end.clock === stroke.clock && rightClient === stroke.rightClient && rightClock === stroke.rightClock
    )
  }

  /** Ask first whether it follows. */
  add(stroke: Stroke): void {
    const run = this.#runs.get(stroke.client) ?? this.#begin(stroke)
    const { end } = run
    const bytes = end.byte + stroke.text.length
    if (bytes > run.text.length) run.text = grown(run.text, bytes)
    run.text.set(stroke.text, end.byte)
    end.byte = bytes
    end.clock += stroke.length
    this.#bytes += stroke.update.length
    this.#untold++
    this.#lastUntold = stroke
  }

  #begin({ client, clock, rightClient, rightClock }: Stroke): Run {
    const run = {
      first: { client, clock, rightClient, rightClock },
      text: new Uint8Array(leastBytes),
      end: { clock, byte: 0 },
      told: { clock, byte: 0 },
      stored: { clock, byte: 0 },
    }
    this.#runs.set(client, run)
    return run
  }

  /** Bytes of the updates that they came as. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many clocks of each client there are with all of it. */
  *ends(): Iterable<ClientClock> {
    for (const { first, end } of this.#runs.values()) yield [first.client, end.clock]
  }

  /** What others have not been told of yet, and the clocks there were before it. */
  takeUntold(): { readonly update: Uint8Array; readonly before: readonly ClientClock[] } {
    const only = this.#untold === 1 ? this.#lastUntold : null
    this.#untold = 0
    this.#lastUntold = null
    // A single stroke is told as it came.
    if (only !== null) {
      const run = this.#runs.get(only.client)
      if (run !== undefined) catchUp(run.told, run.end)
      return { update: only.update, before: [[only.client, only.clock]] }
    }
    const runs = this.#runsFrom((run) => run.told)
    const before = runs.map(({ first, told }): ClientClock => [first.client, told.clock])
    return { update: encode(runs, (run) => run.told), before }
  }

  /** What the log has not got yet; null when it has got all. */
  takeUnstored(): Uint8Array | null {
    const runs = this.#runsFrom((run) => run.stored)
    return runs.length === 0 ? null : encode(runs, (run) => run.stored)
  }

  /** All of it. */
  encode(): Uint8Array {
    const start = (run: Run) => ({ clock: run.first.clock, byte: 0 })
    return encode(this.#runsFrom(start), start)
  }

  /** Those that go on behind a place. */
  #runsFrom(placeIn: (run: Run) => Place): Run[] {
    const runs: Run[] = []
    for (const run of this.#runs.values()) if (placeIn(run).clock < run.end.clock) runs.push(run)
    return runs
  }
}

/** As one V1 update. The places get to the end. */
function encode(runs: Run[], placeIn: (run: Run) => Place): Uint8Array {
  // Highest client first, as Yjs writes it: merging updates relies on it.
  if (runs.length > 1) runs.sort((a, b) => b.first.client - a.first.client)
  const encoder = freshEncoder()
  encoding.writeVarUint(encoder, runs.length)
  for (const run of runs) {
    const place = placeIn(run)
    writeRun(encoder, run, place)
    catchUp(place, run.end)
  }
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}

function catchUp(place: Place, end: Place): void {
  place.clock = end.clock
  place.byte = end.byte
}

function grown(bytes: Uint8Array, least: number): Uint8Array {
  const larger = new Uint8Array(Math.max(least, 2 * bytes.length))
  larger.set(bytes)
  return larger
}

function writeRun(encoder: encoding.Encoder, { first, text, end }: Run, { clock, byte }: Place): void {
  const { client, rightClient, rightClock } = first
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
  encoding.writeUint8(encoder, textBehindOrigin | (rightClient === -1 ? 0 : hasRightOrigin))
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock - 1)
  if (rightClient !== -1) {
    encoding.writeVarUint(encoder, rightClient)
    encoding.writeVarUint(encoder, rightClock)
  }
  encoding.writeVarUint8Array(encoder, text.subarray(byte, end.byte))
}

/** The info byte of an item (Yjs, Item.js `write`): kind of content, and whether there are an origin and a right one. */
const textBehindOrigin = 0x80 | contentKind.string
const hasRightOrigin = 0x40

/** Text only. */
const noValues = { maxAnyDepth: 0, maxKeyBytes: 0 }

/** Room for some words. */
const leastBytes = 32
