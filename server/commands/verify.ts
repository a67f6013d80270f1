import { StorageError } from '../../persistence/index.ts'
import { type Command, describe, exitCodes } from './command.ts'

/** `coscribe verify`: reads all that is stored and says what is damaged. */
export const verify: Command<'data'> = {
  name: 'verify',
  summary: 'read everything that is stored and say what is damaged',
  details: ['Changes nothing, and works while a server is running on the folder.'],
  folders: { data: 'Folder the documents are kept in (./data).' },
  async run({ data }, { print, read }) {
    try {
      const storage = await read(data)
      try {
        const verification = await storage.verify()
        for (const line of describe(verification)) print(line)
        return verification.damaged.length === 0 ? exitCodes.good : exitCodes.damaged
      } finally {
        await storage.close()
      }
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'damaged')) throw error
      print(error.message)
      print('A server that starts here recovers what it can, and keeps the damaged file aside.')
      return exitCodes.damaged
    }
  },
}
