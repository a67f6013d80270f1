import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStorage } from '../index.ts'
import { describeStorageContract } from './contract.ts'

describeStorageContract({
  name: 'sqlite',
  supports: { durability: true, backup: true },
  open: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'coscribe-'))
    let storage = await openSqliteStorage(directory)
    return {
      storage,
      reopen: async () => {
        await storage.close()
        storage = await openSqliteStorage(directory)
        return storage
      },
      openBackup: (backup) => openSqliteStorage(backup),
      dispose: async () => {
        await storage.close()
        await rm(directory, { recursive: true })
      },
    }
  },
})
