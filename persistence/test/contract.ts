import { afterEach, beforeEach, describe } from 'vitest'
import {
  describeAppendAndLoad,
  describeCompaction,
  describeIds,
  describeRemoval,
  describeSettingAside,
} from './contract-content.ts'
import { describeFiles } from './contract-files.ts'
import { describeBadArguments, describeClose, describeDurability, describeList } from './contract-life.ts'
import { describeRandomLife, describeVerifyAndBackup } from './contract-life.ts'
import type { Backend, Opened, StoreUnderTest } from './store-under-test.ts'

export type { Backend, StoreUnderTest } from './store-under-test.ts'

/** Proves that a back-end keeps the rules ST1 to ST9 of `storage.ts`. Call it at the top of a test file. */
export function describeStorageContract(backend: Backend): void {
  describe(`${backend.name} keeps the storage contract`, () => {
    const opened = freshStore(backend)
    describeAppendAndLoad(opened)
    describeCompaction(opened)
    describeSettingAside(opened)
    describeIds(opened)
    describeRemoval(opened)
    describeList(opened)
    describeBadArguments(opened)
    describeClose(opened)
    describeFiles(opened, backend.supports)
    describeVerifyAndBackup(opened, backend.supports)
    if (backend.supports.durability) describeDurability(opened)
    describeRandomLife(opened, backend.supports)
  })
}

// A fresh store for every test; read it inside the test only.
function freshStore(backend: Backend): Opened {
  let store: StoreUnderTest | null = null
  beforeEach(async () => {
    store = await backend.open()
  })
  afterEach(async () => {
    await store?.dispose()
    store = null
  })
  return () => {
    if (!store) throw new Error('the store is open inside tests only')
    return store
  }
}
