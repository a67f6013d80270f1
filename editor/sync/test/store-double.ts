import type { CopyStore, CopyWrite, Mark, StoredCopy } from '../copy-store.ts'

/** One device's storage for one document: what IndexedDB holds, and how it behaves today. */
export class Device {
  updates: Uint8Array[] = []
  marks = new Map<string, number>()
  generation = 0
  compactions = 0
  writes: CopyWrite[] = []
  /** Set: everything asked of it fails like this. */
  trouble: Error | null = null
  #held: (() => void)[] | null = null
  #lost: (() => void)[] = []

  /** From now on writes wait for `answer`. */
  hold(): void {
    this.#held = []
  }

  answer(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const go of held) go()
  }

  /** The browser takes the database away from all tabs. */
  takeAway(): void {
    this.updates = []
    this.marks.clear()
    this.generation++
    for (const lost of this.#lost.splice(0)) lost()
  }

  readonly open = async (lost: () => void): Promise<CopyStore> => {
    await this.#work()
    this.#lost.push(lost)
    return new Tab(this)
  }

  async #work(): Promise<void> {
    await Promise.resolve()
    if (this.trouble !== null) throw this.trouble
  }

  async writing(): Promise<void> {
    await this.#work()
    if (this.#held !== null) await new Promise<void>((resolve) => this.#held?.push(resolve))
    if (this.trouble !== null) throw this.trouble
  }
}

class Tab implements CopyStore {
  readonly #device: Device
  #generation = 0

  constructor(device: Device) {
    this.#device = device
  }

  async read(): Promise<StoredCopy> {
    await this.#device.writing()
    this.#generation = this.#device.generation
    const marks: Mark[] = [...this.#device.marks].map(([writer, stamp]) => ({ writer, stamp }))
    return { updates: [...this.#device.updates], marks }
  }

  async write(write: CopyWrite): Promise<boolean> {
    await this.#device.writing()
    const { updates, isWhole, marked, settled } = write
    if (this.#device.generation !== this.#generation && !isWhole) return false
    this.#generation = this.#device.generation
    this.#device.writes.push(write)
    this.#device.updates.push(...updates)
    for (const { writer, stamp } of settled)
      if (this.#device.marks.get(writer) === stamp) this.#device.marks.delete(writer)
    if (marked !== null) this.#device.marks.set(marked.writer, marked.stamp)
    return true
  }

  async compact(merge: (updates: readonly Uint8Array[]) => Uint8Array): Promise<void> {
    await this.#device.writing()
    this.#device.updates = [merge(this.#device.updates)]
    this.#device.compactions++
  }

  async clear(): Promise<void> {
    await this.#device.writing()
    this.#device.updates = []
    this.#device.marks.clear()
    this.#device.generation++
  }

  close(): void {}
}
