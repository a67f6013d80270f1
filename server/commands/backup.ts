import { type Command, describe, exitCodes } from './command.ts'

/** `coscribe backup`: copies a store as it is at one moment. */
export const backup: Command<'data' | 'to'> = {
  name: 'backup',
  summary: 'copy all documents as they are at one moment',
  details: [
    'Works while a server is running on the folder. The copy appears complete or not at all, and is checked. A password',
    'that the server made up is not part of it.',
  ],
  folders: {
    data: 'Folder the documents are kept in (./data).',
    to: 'Folder for the copy, which must not hold one yet.',
  },
  async run({ data, to }, { print, read }) {
    const storage = await read(data)
    try {
      await storage.backup(to)
    } finally {
      await storage.close()
    }
    const copy = await read(to)
    try {
      const verification = await copy.verify()
      for (const line of describe(verification)) print(line)
      print(`The copy is in ${to}.`)
      return verification.damaged.length === 0 ? exitCodes.good : exitCodes.damaged
    } finally {
      await copy.close()
    }
  },
}
