import { existsSync, readdirSync } from 'node:fs'
import { CoscribeError } from '../errors.ts'
import { type Command, describe, exitCodes } from './command.ts'

/** `coscribe restore`: makes a data folder from a backup that is whole. */
export const restore: Command<'from' | 'data'> = {
  name: 'restore',
  summary: 'make a data folder from a backup',
  details: ['The backup is checked first, and left as it is. Nothing is restored from a damaged one.'],
  folders: {
    from: 'Folder that "coscribe backup" wrote.',
    data: 'Folder to keep the documents in from now on (./data): a new or an empty one.',
  },
  async run({ from, data }, { print, read }) {
    if (existsSync(data) && readdirSync(data).length > 0) {
      throw new CoscribeError('config', `${data} is not empty: move it away, or restore into another folder.`)
    }
    const storage = await read(from)
    try {
      const verification = await storage.verify()
      for (const line of describe(verification)) print(line)
      if (verification.damaged.length > 0) {
        print(
          'Nothing was restored: the backup is damaged. A server started on a copy of it shows what is left.',
        )
        return exitCodes.damaged
      }
      await storage.backup(data)
      print(`Restored into ${data}.`)
      return exitCodes.good
    } finally {
      await storage.close()
    }
  },
}
