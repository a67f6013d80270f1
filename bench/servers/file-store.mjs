import { Database } from '@hocuspocus/extension-database'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Each document in a file of the folder, renamed into place so that a kill amid a store is not what loses anything. */
export function fileStore(folder) {
  const fileOf = (documentName) => join(folder, encodeURIComponent(documentName))
  return new Database({
    fetch: ({ documentName }) =>
      readFile(fileOf(documentName)).catch((error) => {
        if (error.code !== 'ENOENT') throw error
        return null
      }),
    store: async ({ documentName, state }) => {
      await writeFile(`${fileOf(documentName)}.new`, state)
      await rename(`${fileOf(documentName)}.new`, fileOf(documentName))
    },
  })
}
