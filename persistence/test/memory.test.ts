import { createMemoryStorage } from '../index.ts'
import { describeStorageContract } from './contract.ts'

describeStorageContract({
  name: 'memory',
  supports: { durability: false, backup: false },
  open: () => {
    const storage = createMemoryStorage()
    const unsupported = () => Promise.reject(new Error('memory does not outlive the process'))
    return Promise.resolve({
      storage,
      reopen: unsupported,
      openBackup: unsupported,
      dispose: () => storage.close(),
    })
  },
})
