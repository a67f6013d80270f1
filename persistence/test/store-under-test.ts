import type { Storage } from '../storage.ts'

/** One store, as the suite uses it. */
export interface StoreUnderTest {
  readonly storage: Storage
  /** Closes the store and opens the same one again. Only called when the back-end supports `durability`. */
  readonly reopen: () => Promise<Storage>
  /** Opens what `backup(directory)` wrote. Only called when the back-end supports `backup`. */
  readonly openBackup: (directory: string) => Promise<Storage>
  /** Closes what is open and deletes everything. */
  readonly dispose: () => Promise<void>
}

/** A back-end, and what it can do besides the rules that hold for all of them. */
export interface Backend {
  readonly name: string
  readonly supports: {
    /** What was stored is there after `reopen`. */
    readonly durability: boolean
    /** `backup` writes a copy; without it, it rejects with `invalid`. */
    readonly backup: boolean
  }
  /** Makes a fresh, empty store. */
  readonly open: () => Promise<StoreUnderTest>
}

/** The store of the running test. */
export type Opened = () => StoreUnderTest
